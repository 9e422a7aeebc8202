using Nncc.IR.Ops;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>A convolution over one or two spatial axes whose result lies in blocks of channels, read from a region.</summary>
/// <param name="Region">The region.</param>
/// <param name="Filters">Filters of a group.</param>
/// <param name="Channels">Channels of a group.</param>
/// <param name="Groups">Groups.</param>
/// <param name="Rows">The vertical axis.</param>
/// <param name="Columns">The horizontal axis.</param>
/// <param name="Epilogue">Bias and what follows.</param>
internal sealed record BlockedConvolution(
    KernelRegion Region, long Filters, long Channels, long Groups, WindowAxis Rows, WindowAxis Columns, BlockedEpilogue Epilogue)
{
    /// <summary>Which operand of the region the image is.</summary>
    public int X => Region.Slot(0);

    /// <summary>Which operand of the region the filters are.</summary>
    public int W => Region.Slot(1);

    /// <summary>Channels of a block.</summary>
    public int Lanes => Epilogue.Lanes;

    /// <summary>Axes of the image.</summary>
    public int Rank => Region.Dims(Region.Anchor().Inputs[0]).Length;

    /// <summary>Images.</summary>
    public long Batch => Region.Dims(Region.Anchor().Inputs[0])[0];

    /// <summary>Blocks of filters of a group.</summary>
    public long FilterBlocks => (Filters + Lanes - 1) / Lanes;

    /// <summary>Taps of a window.</summary>
    public long Taps => Rows.Taps * Columns.Taps;

    /// <summary>
    /// Reads a region; null where it is no such convolution of binary32 with constant filters and bias, or has so few filters that rows are
    /// better for it.
    /// </summary>
    public static BlockedConvolution? Of(KernelRegion region, TargetProfile target)
    {
        int lanes = target.Lanes(sizeof(float));
        if (lanes == 1 || region.Body.Nodes.FirstOrDefault() is not { Op: Conv conv } anchor) return null;
        if (anchor.GivenInputs.Any(i => !region.Body[i].IsInput) || region.ConstantOperand(1) is not { DType: DType.Float32 }) return null;
        long[] x = region.Dims(anchor.Inputs[0]), w = region.Dims(anchor.Inputs[1]);
        if (x.Length is not (3 or 4) || x.Contains(0) || w.Contains(0) || region.DType(anchor.Inputs[0]) != DType.Float32) return null;
        int bias = region.Has(2) ? anchor.Inputs[2] : Node.Absent;
        if (BlockedEpilogue.Of(region, anchor, bias, lanes) is not { } epilogue) return null;
        var geometry = conv.Geometry(((TensorType)region.Body[anchor.Inputs[0]].Type).Shape!,
            ((TensorType)region.Body[anchor.Inputs[1]].Type).Shape!);
        var rows = x.Length == 3 ? WindowAxis.One : WindowAxis.Of(geometry, 0);
        var columns = WindowAxis.Of(geometry, x.Length - 3);
        if (RowConvTemplate.HasFewFilters(w[0], conv.Group, rows.Taps * columns.Taps, columns.Windows, columns.Stride, lanes)) return null;
        return new BlockedConvolution(region, w[0] / conv.Group, w[1], conv.Group, rows, columns, epilogue);
    }

    /// <summary>The layouts of operands and result where the image lies as given; null where they are none.</summary>
    public LayoutChoice? Layouts(Layout? image) => Epilogue.Choice(Region, X, image);

    /// <summary>The layout that the image needs in blocks: with a halo for all taps that lie outside of it.</summary>
    public Layout Blocks => BlockedImage.LayoutOf(Rank, Lanes, (Rows.Begin, Rows.End), (Columns.Begin, Columns.End));
}

/// <summary>Where windows lie along an axis.</summary>
/// <param name="Size">Elements.</param>
/// <param name="Windows">Windows.</param>
/// <param name="Taps">Taps of a window.</param>
/// <param name="Stride">Elements from a window to the next.</param>
/// <param name="Dilation">Elements from a tap to the next.</param>
/// <param name="Begin">How far the first window reaches out before the first element.</param>
internal sealed record WindowAxis(long Size, long Windows, long Taps, long Stride, long Dilation, long Begin)
{
    /// <summary>An axis of one element and one window.</summary>
    public static WindowAxis One { get; } = new(1, 1, 1, 1, 1, 0);

    /// <summary>How far the last window reaches out behind the last element.</summary>
    public long End => Math.Max(0, (Windows - 1) * Stride + (Taps - 1) * Dilation + 1 - Begin - Size);

    /// <summary>Elements with the padding that windows reach.</summary>
    public long Stored => Begin + Size + End;

    /// <summary>An axis of a geometry whose sizes are numbers.</summary>
    public static WindowAxis Of(ConvolutionGeometry g, int axis) => new(g.Padded[axis].Value!.Value, g.Windowed[axis].Value!.Value,
        g.Kernel[axis].Value!.Value, g.Strides[axis], g.Dilations[axis], g.PadsBegin[axis].Value!.Value);
}
