using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// Concat: a row of each operand after the other; a row is what lies in and behind the joined axis. With one row the operands are pieces of
/// the result, and nothing is called.
/// </summary>
public sealed class ConcatTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "concat";

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        region.Body.Nodes is [{ Op: Concat }] ? Verdict.Yes : Verdict.No("not a Concat");

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var node = region.Body.Nodes[0];
        long[] dims = MoveArguments.Dims(region, node.Outputs[0]);
        double rows = MoveArguments.Count(dims.AsSpan(0, Axis(node, dims)));
        return PlainFeatures(region, 1, 1) with
        {
            VectorOps = 0, Cycles = rows * Parts(region).Sum(p => CycleCosts.Copy(p.Count * MoveArguments.ElementBytes(region))),
        };
    }

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var node = region.Body.Nodes[0];
        var parts = Parts(region);
        if (parts.Length == 1) return KernelPlan.Of(new OperandView(region.Body[node.Inputs[parts[0].Index]].Slot));
        long[] dims = MoveArguments.Dims(region, node.Outputs[0]);
        int axis = Axis(node, dims);
        long row = MoveArguments.Count(dims.AsSpan(axis));
        if (MoveArguments.Count(dims.AsSpan(0, axis)) == 1) return KernelPlan.OfPieces(Pieces(region, parts));
        var arguments = ImmutableArray.CreateBuilder<KernelArgument>();
        arguments.AddRange(new ResultArgument(0), new NumberArgument(MoveArguments.Count(dims.AsSpan(0, axis))), new NumberArgument(row));
        foreach (var (index, count) in parts) arguments.AddRange(MoveArguments.Operand(region, index), new NumberArgument(count));
        return new KernelPlan($"concat{parts.Length}", Id, arguments.ToImmutable());
    }

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        int parts = Parts(kernel.Region).Length;
        var code = new CodeWriter();
        code.Line($"/// <summary>Each of so many rows of y is a row of each of the {parts} operands, in their order.</summary>");
        string operands = string.Concat(Enumerable.Range(0, parts).Select(i => $", T* x{i}, nint n{i}"));
        code.Block($"public static void {kernel.Name}<T>(T* y, nint rows, nint row{operands}) where T : unmanaged", () =>
        {
            for (int i = 0; i < parts; i++)
            {
                code.Line($"Strided.Rows(y, row, x{i}, n{i}, rows, n{i});");
                if (i < parts - 1) code.Line($"y += n{i};");
            }
        });
        source.Add(kernel.Name, code.ToString());
    }

    private static IEnumerable<OperandView> Pieces(KernelRegion region, (int Index, long Count)[] parts)
    {
        long at = 0;
        foreach (var (index, count) in parts)
        {
            yield return new OperandView(region.Body[region.Body.Nodes[0].Inputs[index]].Slot, at * MoveArguments.ElementBytes(region));
            at += count;
        }
    }

    // The operands that have elements, with those of a row.
    private static (int Index, long Count)[] Parts(KernelRegion region)
    {
        var node = region.Body.Nodes[0];
        int axis = Axis(node, MoveArguments.Dims(region, node.Outputs[0]));
        var all = node.Inputs.Select((value, i) => (Index: i, Count: MoveArguments.Count(MoveArguments.Dims(region, value).AsSpan(axis))))
            .ToArray();
        return all.Where(p => p.Count > 0).ToArray() is { Length: > 0 } some ? some : all[..1];
    }

    private static int Axis(Node node, long[] dims) =>
        (int)(((Concat)node.Op).Axis is < 0 and var axis ? axis + dims.Length : ((Concat)node.Op).Axis);
}
