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
        // Squares of 4 x 4 in registers, but single elements where there are no four pixels.
        var image = Read(region, target)!.Value.Image;
        var plain = PlainFeatures(region, 1, 0.5);
        return plain with { VectorOps = plain.BytesOut / sizeof(float) * (image.Height * image.Width < 4 ? 2 : 0.5) };
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
