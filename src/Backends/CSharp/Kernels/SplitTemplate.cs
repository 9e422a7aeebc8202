using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// Split: a part of each row to each result; a row is what lies in and behind the axis. With one row the results are pieces of the operand,
/// and nothing is called.
/// </summary>
public sealed class SplitTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "split";

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        region.Body.Nodes is [{ Op: Split }] ? Verdict.Yes : Verdict.No("not a Split");

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var rows = Rows.Of(region);
        return rows.Count == 1 ? new KernelFeatures(0, 1, 0, 0, 0, 0)
            : PlainFeatures(region, 1, 1) with
            {
                VectorOps = 0, Cycles = rows.Count * rows.Parts.Sum(p => CycleCosts.Copy(p.Length * MoveArguments.ElementBytes(region))),
            };
    }

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var rows = Rows.Of(region);
        int data = region.Body[region.Body.Nodes[0].Inputs[0]].Slot, bytes = MoveArguments.ElementBytes(region);
        if (rows.Count == 1) return KernelPlan.Of([.. rows.Parts.Select(p => new OperandView(data, p.Start * bytes))]);
        var arguments = ImmutableArray.CreateBuilder<KernelArgument>();
        arguments.AddRange(new NumberArgument(rows.Count), new NumberArgument(rows.Length));
        for (int i = 0; i < rows.Parts.Length; i++)
            arguments.AddRange(new ResultArgument(i), new OperandArgument(data, rows.Parts[i].Start * bytes),
                new NumberArgument(rows.Parts[i].Length));
        return new KernelPlan($"split{rows.Parts.Length}", Id, arguments.ToImmutable());
    }

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        int parts = kernel.Region.Body.Outputs.Length;
        var code = new CodeWriter();
        code.Line("/// <summary>A part of each of so many rows goes to each result; x0, x1, ... are where the parts begin in the first "
            + "row.</summary>");
        string results = string.Concat(Enumerable.Range(0, parts).Select(i => $", T* y{i}, T* x{i}, nint n{i}"));
        code.Block($"public static void {kernel.Name}<T>(nint rows, nint row{results}) where T : unmanaged", () =>
        {
            for (int i = 0; i < parts; i++) code.Line($"Strided.Rows(y{i}, n{i}, x{i}, row, rows, n{i});");
        });
        source.Add(kernel.Name, code.ToString());
    }

    /// <summary>The operand as rows, and where in a row each result of the region lies.</summary>
    private sealed record Rows(long Count, long Length, ImmutableArray<(long Start, long Length)> Parts)
    {
        public static Rows Of(KernelRegion region)
        {
            var node = region.Body.Nodes[0];
            long[] dims = MoveArguments.Dims(region, node.Inputs[0]);
            int axis = (int)(((Split)node.Op).Axis is < 0 and var a ? a + dims.Length : ((Split)node.Op).Axis);
            var pieces = new (long Start, long Length)[node.Outputs.Length];
            long at = 0;
            for (int i = 0; i < pieces.Length; i++)
            {
                long length = Size(region, node, i, axis) * MoveArguments.Count(dims.AsSpan(axis + 1));
                pieces[i] = (at, length);
                at += length;
            }
            return new Rows(MoveArguments.Count(dims.AsSpan(0, axis)), MoveArguments.Count(dims.AsSpan(axis)),
                [.. region.Body.Outputs.Select(o => pieces[region.Body[o.Value].Slot])]);
        }

        // A result that nobody wants has no type; its size is among the sizes, or that of the first piece.
        private static long Size(KernelRegion region, Node node, int piece, int axis)
        {
            if (node.Outputs[piece] != Node.Absent) return MoveArguments.Dims(region, node.Outputs[piece])[axis];
            if (node.Inputs.Length > 1 && region.Constant(node.Inputs[1]) is { } sizes) return sizes.ToLongs()[piece];
            long pieces = ((Split)node.Op).NumOutputs!.Value, size = MoveArguments.Dims(region, node.Inputs[0])[axis];
            return (size + pieces - 1) / pieces;
        }
    }
}
