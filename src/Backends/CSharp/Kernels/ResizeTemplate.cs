using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// Resize by tables that the op itself makes for each axis (<see cref="ResizeAxis"/>): a look-up for nearest elements, which any dtype
/// takes, and one pass for each axis that changes for linear and cubic interpolation of binary32.
/// </summary>
public sealed class ResizeTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "resize";

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target)
    {
        if (region.Body.Nodes is not [{ Op: Resize op } node]) return Verdict.No("not a Resize");
        for (int i = 1; i < node.Inputs.Length; i++)
            if (node.Inputs[i] != Node.Absent && region.Constant(node.Inputs[i]) is null)
                return Verdict.No($"operand {i} of Resize is computed at run time");
        var dtype = MoveArguments.DTypeOf(region, node.Inputs[0]);
        return op.Mode == ResizeMode.Nearest || dtype == DType.Float32 ? Verdict.Yes : Verdict.No($"interpolation of {dtype.Name()}");
    }

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target) => PlainFeatures(region, 1, 0.5);

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var op = (Resize)region.Body.Nodes[0].Op;
        var axes = Axes(region);
        if (axes.All(a => a.IsIdentity)) return KernelPlan.Of(new OperandView(region.Body[region.Body.Nodes[0].Inputs[0]].Slot));
        return op.Mode == ResizeMode.Nearest ? Nearest(region, op, axes) : Interpolation(region, op, axes);
    }

    /// <inheritdoc/>
    public override void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target)
    {
        if (kernel.Name.Contains('.')) return;
        int passes = Axes(kernel.Region).Count(a => !a.IsIdentity);
        source.Need("Resampling");
        var code = new CodeWriter();
        string scratch = string.Concat(Enumerable.Range(0, passes - 1).Select(i => $", float* t{i}"));
        string axes = string.Concat(Enumerable.Range(0, passes).Select(i => $", int* places{i}, float* weights{i}"));
        string numbers = string.Concat(Enumerable.Range(0, passes)
            .Select(i => $", nint taps{i}, nint outer{i}, nint size{i}, nint result{i}, nint inner{i}"));
        code.Line($"/// <summary>y = x interpolated along {passes} ax{(passes == 1 ? "is" : "es")}, one after the other.</summary>");
        code.Block($"public static void {kernel.Name}(float* y, float* x, float* outside{scratch}{axes}{numbers})", () =>
        {
            for (int i = 0; i < passes; i++)
                code.Line($"Resampling.Axis({(i == passes - 1 ? "y" : $"t{i}")}, {(i == 0 ? "x" : $"t{i - 1}")}, places{i}, weights{i}, "
                    + $"outside, "
                    + $"taps{i}, outer{i}, size{i}, result{i}, inner{i});");
        });
        source.Add(kernel.Name, code.ToString());
    }

    private KernelPlan Nearest(KernelRegion region, Resize op, ImmutableArray<ResizeAxis> axes)
    {
        long[] strides = StridedMap.Strides([.. axes.Select(a => (long)a.In)]);
        long[] table = [.. axes.SelectMany((axis, k) => (axis.IsIdentity ? Enumerable.Range(0, axis.In) : axis.NearestPlaces())
            .Select(place => place < 0 ? -1 : place * strides[k]))];
        var dtype = MoveArguments.DTypeOf(region, region.Body.Nodes[0].Inputs[0]);
        return new KernelPlan("Separable.Gather", Id, [new ResultArgument(0), MoveArguments.Operand(region, 0),
            new WeightArgument(-1, new TableTransform("outside", Tensor.FromDoubles(dtype, [], [op.ExtrapolationValue]))),
            new WeightArgument(-1, new TableTransform("places", Tensor.Vector(table))),
                NumbersArgument.Of([.. axes.Select(a => (long)a.Out)])]);
    }

    private KernelPlan Interpolation(KernelRegion region, Resize op, ImmutableArray<ResizeAxis> axes)
    {
        var arguments = ImmutableArray.CreateBuilder<KernelArgument>();
        arguments.Add(new ResultArgument(0));
        arguments.Add(MoveArguments.Operand(region, 0));
        arguments.Add(new WeightArgument(-1, new TableTransform("outside", Tensor.Scalar(op.ExtrapolationValue))));
        // The axis that shrinks most comes first, so that what follows has less to do.
        int[] order = [.. Enumerable.Range(0, axes.Length).Where(k => !axes[k].IsIdentity).OrderBy(k => (double)axes[k].Out / axes[k].In)];
        long[] dims = [.. axes.Select(a => (long)a.In)];
        var tables = new List<KernelArgument>();
        var numbers = new List<KernelArgument>();
        foreach (int k in order)
        {
            var (places, weights, taps) = axes[k].Interpolation();
            tables.Add(new WeightArgument(-1, new TableTransform("places", Tensor.Vector(places))));
            tables.Add(new WeightArgument(-1, new TableTransform("weights", Tensor.FromDoubles(DType.Float32, [weights.Length], weights))));
            foreach (long number in new[] { taps, MoveArguments.Count(dims.AsSpan(0, k)), axes[k].In, axes[k].Out,
                MoveArguments.Count(dims.AsSpan(k + 1)) })
                numbers.Add(new NumberArgument(number));
            dims[k] = axes[k].Out;
            if (k != order[^1]) arguments.Add(new ScratchArgument(MoveArguments.Count(dims) * sizeof(float)));
        }
        return new KernelPlan($"f32_resize_{order.Length}", Id, [.. arguments, .. tables, .. numbers]);
    }

    private static ImmutableArray<ResizeAxis> Axes(KernelRegion region)
    {
        var node = region.Body.Nodes[0];
        return ((Resize)node.Op).Plan(MoveArguments.Dims(region, node.Inputs[0]), Floats(1), Floats(2), Operand(3)?.ToLongs());

        Tensor? Operand(int index) => index < node.Inputs.Length && region.Constant(node.Inputs[index]) is { Count: > 0 } tensor ? tensor
            : null;

        float[]? Floats(int index) => Operand(index)?.ToDoubles().Select(d => (float)d).ToArray();
    }
}
