using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>Local response normalization over channels with an elementwise epilogue: planes side by side, vectors along a plane.</summary>
public sealed class LrnTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "lrn";

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        region.Anchor().Op is not LRN ? Verdict.No("not a response normalization")
        : Reading.Of(region, out var reason) is null ? Verdict.No(reason!) : Verdict.Yes;

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target) =>
        PlainFeatures(region, Dialect(region, target).Lanes, 0.3);

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var r = Read(region);
        var op = (LRN)region.Anchor().Op;
        var dtype = Dialect(region, target).DType;
        var arguments = ImmutableArray.CreateBuilder<KernelArgument>();
        arguments.Add(new ResultArgument(0));
        arguments.Add(region.Operand(0));
        arguments.AddRange(r.Epilogue.Arguments);
        double[] constants = [op.Bias, op.Alpha / (double)op.Size, op.Beta];
        long[] numbers = [r.Batch, r.Channels, r.Plane, (op.Size - 1) / 2, op.Size / 2];
        foreach (double constant in constants) arguments.Add(new ConstantArgument(constant, dtype));
        foreach (long number in numbers) arguments.Add(new NumberArgument(number));
        foreach (long step in r.Steps.SelectMany(s => s)) arguments.Add(new NumberArgument(step));
        return new KernelPlan(Name(region, r, target), Id, arguments.ToImmutable());
    }

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        var r = Read(kernel.Region);
        var dialect = Dialect(kernel.Region, target);
        if (r.Epilogue.Body.NeedsElementary || dialect.DType != DType.Float32) source.Need("Elementary");
        string element = dialect.Element, result = CSharpTypes.Name(r.Epilogue.Body.ResultDType);
        var code = new CodeWriter();
        code.Line("/// <summary>y = x / (bias + alpha * sum of squares of channels around)^beta"
            + $"{ReduceTemplate.Then(r.Epilogue)}.</summary>");
        code.Block($"public static void {kernel.Name}({result}* y, {element}* x{r.Epilogue.Parameters}, {element} bias, {element} alpha, "
            + $"{element} beta, "
            + $"nint batch, nint channels, nint plane, nint before, nint behind"
            + $"{string.Concat(r.Steps.Select((_, i) => $", nint e{i}n, nint e{i}c"))})", () =>
            code.Block("for (nint n = 0; n < batch; n++)", () => code.Block("for (nint c = 0; c < channels; c++)", () =>
            {
                code.Line("nint first = Math.Max(0, c - before), last = Math.Min(channels - 1, c + behind);");
                code.Line("var image = x + n * channels * plane;");
                for (int i = 0; i < r.Steps.Length; i++) code.Line($"var p{i} = e{i} + n * e{i}n + c * e{i}c;");
                r.Epilogue.Print(code, dialect, "plane", "(y + (n * channels + c) * plane)", name => $"p{name[1..]}", (d, _) =>
                {
                    code.Line($"var squares = {d.Literal(0)};");
                    code.Block("for (nint k = first; k <= last; k++)", () =>
                    {
                        code.Line($"var item = {d.Load("image + k * plane + j")};");
                        code.Line($"squares = {d.MulAdd("item", "item", "squares")};");
                    });
                    code.Line($"var size = {d.MulAdd("squares", d.Splat("alpha"), d.Splat("bias"))};");
                    return $"{d.Load("image + c * plane + j")} / {Power(d, r.Beta)}";
                });
            })));
        source.Add(kernel.Name, code.ToString());
    }

    // size^beta; the usual 3/4 by roots.
    private static string Power(VectorDialect d, float beta) => beta == 0.75f
        ? $"({d.Call("Sqrt", "size")} * {d.Call("Sqrt", d.Call("Sqrt", "size"))})"
        : d.Call("Exp", $"{d.Call("Log", "size")} * {d.Splat("beta")}");

    private static string Name(KernelRegion region, Reading r, TargetProfile target) =>
        $"{Dialect(region, target).DType.Name()}_lrn{(r.Beta == 0.75f ? "_roots" : "")}{r.Epilogue.Tag}__{Dialect(region, target).Suffix}";

    private static VectorDialect Dialect(KernelRegion region, TargetProfile target) =>
        VectorDialect.For(target, region.DType(region.Anchor().Inputs[0]));

    private static Reading Read(KernelRegion region) => Reading.Of(region, out _)!;

    /// <summary>
    /// A region read as a response normalization: extents, what follows, and its operands' steps along images and channels.
    /// </summary>
    private sealed record Reading(float Beta, long Batch, long Channels, long Plane, RowEpilogue Epilogue, ImmutableArray<long[]> Steps)
    {
        public static Reading? Of(KernelRegion region, out string? reason)
        {
            var anchor = region.Anchor();
            if (ElementwiseBody.Of(region, anchor, out reason) is not { } body) return null;
            var dtype = region.DType(anchor.Inputs[0]);
            if (dtype is not (DType.Float32 or DType.Float64))
            {
                reason = $"elements of {dtype.Name()}";
                return null;
            }
            long[] dims = [.. body.Dims];
            var loads = body.Loads.Select(l => l.Strides()).ToArray();
            var plane = LoopNest.Merge(dims[2..], [RegionFacts.RowMajor(dims)[2..], .. loads.Select(s => s[2..])]);
            if (plane.Rank > 1)
            {
                reason = "an operand of the epilogue is broadcast along a part of the image";
                return null;
            }
            return new Reading(((LRN)anchor.Op).Beta, dims[0], dims[1], plane.Extents[0],
                RowEpilogue.Of(body, i => plane.Strides[i + 1][0] != 0), [.. loads.Select(s => s[..2])]);
        }
    }
}
