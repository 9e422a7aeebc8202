using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>Hardmax, LpNormalization and MeanVarianceNormalization, by functions of the runtime.</summary>
public sealed class LineTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "line";

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        !region.IsSingle() || region.Anchor().Op is not (Hardmax or LpNormalization or MeanVarianceNormalization)
            ? Verdict.No("not a function of lines")
        : region.DType(region.Anchor().Inputs[0]) is not (DType.Float32 or DType.Float64) and var dtype
            ? Verdict.No($"elements of {dtype.Name()}")
        : Verdict.Yes;

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target) => PlainFeatures(region, 1, 0.25);

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        long[] dims = region.Dims(region.Anchor().Inputs[0]);
        if (region.Anchor().Op is MeanVarianceNormalization { GivenAxes: var axes })
        {
            var along = new bool[dims.Length];
            foreach (long axis in axes) along[axis < 0 ? axis + dims.Length : axis] = true;
            return new KernelPlan("Lines.Standardize", Id,
                [new ResultArgument(0), region.Operand(0), .. Loops(dims, along, false), .. Loops(dims, along, true)]);
        }
        var op = (AxisFunction)region.Anchor().Op;
        int at = (int)(op.Axis < 0 ? op.Axis + dims.Length : op.Axis);
        KernelArgument[] arguments =
            [new ResultArgument(0), region.Operand(0), new NumberArgument(((ReadOnlySpan<long>)dims.AsSpan(0, at)).Product()),
            new NumberArgument(dims[at]), new NumberArgument(((ReadOnlySpan<long>)dims.AsSpan(at + 1)).Product())];
        return op is LpNormalization { P: var order } ? new KernelPlan("Lines.Normalize", Id, [.. arguments, new NumberArgument(order)])
            : new KernelPlan("Lines.Hardmax", Id, [.. arguments]);
    }

    // Extents and steps of the marked axes, or of the others.
    private static KernelArgument[] Loops(long[] dims, bool[] marks, bool wanted)
    {
        long[] steps = RegionFacts.RowMajor(dims);
        int[] axes = [.. Enumerable.Range(0, dims.Length).Where(axis => marks[axis] == wanted)];
        var nest = LoopNest.Merge([.. axes.Select(axis => dims[axis])], [[.. axes.Select(axis => steps[axis])]]);
        return [NumbersArgument.Of(nest.Extents), NumbersArgument.Of(nest.Strides[0])];
    }
}
