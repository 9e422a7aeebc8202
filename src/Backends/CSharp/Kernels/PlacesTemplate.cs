using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>MaxPool with the places of its elements, and MaxUnpool, by functions of the runtime.</summary>
public sealed class PlacesTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "places";

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target)
    {
        var op = region.Anchor().Op;
        bool isOne = region.IsSingle() && (op is MaxUnpool || (op is MaxPool && region.ResultSlot(1) >= 0));
        return !isOne ? Verdict.No("not a pooling with places")
            : op is MaxPool && region.Dims(region.Anchor().Inputs[0]).Length > 5 ? Verdict.No("more than three spatial axes") : Verdict.Yes;
    }

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target) => PlainFeatures(region, 1, 0.25);

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var anchor = region.Anchor();
        var shape = ((TensorType)region.Body[anchor.Inputs[0]].Type).Shape!;
        long[] dims = region.Dims(anchor.Inputs[0]), result = region.Dims(anchor.Outputs[0]);
        if (anchor.Op is MaxUnpool unpool)
        {
            long[] counted = [dims[0], dims[1], .. unpool.Geometry(shape).Padded.Select(d => d.Value!.Value)];
            return new KernelPlan("Pooling.Unpool", Id,
                [new ResultArgument(0), new NumberArgument(((ReadOnlySpan<long>)result).Product()), region.Operand(0),
                region.Operand(1), new NumberArgument(((ReadOnlySpan<long>)dims).Product()), NumbersArgument.Of(counted),
                NumbersArgument.Of(RegionFacts.RowMajor(result)), new PlaceArgument()]);
        }
        var pool = (MaxPool)anchor.Op;
        var windows = WindowTables.Of(pool.Geometry(shape))!;
        long[] steps = RegionFacts.RowMajor(windows.Size);
        if (pool.StorageOrder) steps = [.. RegionFacts.RowMajor([.. windows.Size.Reverse()]).Reverse()];
        var y = region.ResultArgument(0);
        return new KernelPlan("Pooling.MaxWithPlaces", Id,
            [y, region.ResultArgument(1), region.Operand(0), new NumberArgument(dims[0] * dims[1]),
            .. new[] { windows.Size, windows.Windows, windows.Kernel, windows.Strides, windows.Dilations, windows.Begin, steps }.Select(n =>
                NumbersArgument.Of(n))]);
    }
}
