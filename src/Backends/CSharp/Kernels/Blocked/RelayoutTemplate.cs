using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>Changes of layout: from row-major to blocks of channels, and back.</summary>
public sealed class RelayoutTemplate : KernelTemplate
{
    /// <inheritdoc/>
    public override string Id => "relayout";

    /// <inheritdoc/>
    public override bool TakesLayouts => true;

    /// <inheritdoc/>
    public override Verdict Accepts(KernelRegion region, TargetProfile target) =>
        region.Body.Nodes is [{ Op: Relayout }] && Read(region, target) is not null ? Verdict.Yes
            : Verdict.No("not a change of layout between row-major and blocks of channels");

    private static (BlockedImage Image, bool IsPacking)? Read(KernelRegion region, TargetProfile target)
    {
        int lanes = target.Lanes(sizeof(float));
        if (lanes == 1 || region.DType(region.Body.Outputs[0].Value) != DType.Float32) return null;
        return region.OperandLayout(0) is null && BlockedImage.Result(region, 0, lanes) is { } to ? (to, true)
            : region.ResultLayout(0) is null && BlockedImage.Operand(region, 0, lanes) is { } from ? (from, false) : null;
    }

    /// <inheritdoc/>
    public override KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        // Squares of 4 x 4 in registers; where rows have no four pixels, single elements, of which packing stores four at a time.
        const double square = 6, single = 3, four = 8, row = 30;
        var (image, isPacked) = Read(region, target)!.Value;
        int lanes = target.Lanes(sizeof(float));
        double rows = (double)image.Batch * image.Blocks * image.Height, left = image.Width % 4, quarters = lanes / 4.0;
        return PlainFeatures(region, 1, 1) with
        {
            VectorOps = 0,
            Cycles = 2 * CycleCosts.Call + rows * (row + quarters * (image.Width / 4 * square + left * (isPacked ? four : 4 * single))),
        };
    }

    /// <inheritdoc/>
    public override KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target)
    {
        var (image, isPacking) = Read(region, target)!.Value;
        long[] numbers = [image.Batch, image.Channels, image.Height, image.Width, image.Lanes, image.Top, image.Bottom, image.Left,
            image.Right];
        return new KernelPlan(isPacking ? "ChannelBlocks.Pack" : "ChannelBlocks.Unpack", Id,
            [new ResultArgument(0), new OperandArgument(0), .. numbers.Select(n => new NumberArgument(n))]);
    }
}
