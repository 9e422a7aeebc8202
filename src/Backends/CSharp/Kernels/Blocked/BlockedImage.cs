using Nncc.Passes.Strategies;

namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>
/// How a tensor [n, c, w] or [n, c, h, w] lies in blocks of channels: [n][c / lanes][top + h + bottom][left + w + right][lanes]. The
/// channels of a pixel's block are one vector, aligned as the buffer is. Lanes beyond the last channel hold anything; the halo holds zeros.
/// </summary>
/// <param name="Batch">Images.</param>
/// <param name="Channels">Channels.</param>
/// <param name="Height">Rows; 1 for a tensor of three axes.</param>
/// <param name="Width">Columns.</param>
/// <param name="Lanes">Channels of a block.</param>
/// <param name="Top">Stored rows before the first.</param>
/// <param name="Bottom">Stored rows behind the last.</param>
/// <param name="Left">Stored columns before the first.</param>
/// <param name="Right">Stored columns behind the last.</param>
internal sealed record BlockedImage(
    long Batch, long Channels, long Height, long Width, int Lanes, long Top, long Bottom, long Left, long Right)
{
    /// <summary>Blocks of channels.</summary>
    public long Blocks => (Channels + Lanes - 1) / Lanes;

    /// <summary>Channels of the last block.</summary>
    public long LastLanes => Channels - (Blocks - 1) * Lanes;

    /// <summary>Elements from a row to the next.</summary>
    public long RowStep => (Left + Width + Right) * Lanes;

    /// <summary>Elements from a block of channels to the next.</summary>
    public long PlaneStep => (Top + Height + Bottom) * RowStep;

    /// <summary>Elements from an image to the next.</summary>
    public long ImageStep => Blocks * PlaneStep;

    /// <summary>Where the first pixel stands.</summary>
    public long Start => Top * RowStep + Left * Lanes;

    /// <summary>The layout of tensors of that many axes in blocks of channels.</summary>
    /// <param name="rank">Axes, 3 or 4.</param>
    /// <param name="lanes">Channels of a block.</param>
    /// <param name="vertical">Least halo above and below.</param>
    /// <param name="horizontal">Least halo to the left and right.</param>
    public static Layout LayoutOf(int rank, int lanes, (long Begin, long End) vertical = default,
        (long Begin, long End) horizontal = default)
    {
        long[] rows = rank == 4 ? [vertical.Begin, vertical.End] : [];
        long[] halo = [0, 0, 0, 0, .. rows, horizontal.Begin, horizontal.End];
        return new Layout(BlockedAxis: 1, Block: lanes, Halo: halo.All(h => h == 0) ? default : [.. halo]);
    }

    /// <summary>A tensor of those sizes in that layout; null where it is no image in blocks of so many channels.</summary>
    public static BlockedImage? Of(ReadOnlySpan<long> dims, Layout? layout, int lanes)
    {
        if (dims.Length is not (3 or 4) || layout is not { BlockedAxis: 1, Order.IsEmpty: true } || layout.Block != lanes) return null;
        var halo = layout.Halo;
        long At(int index) => halo.IsEmpty ? 0 : halo[index];
        if (!halo.IsEmpty && halo.Take(4).Any(h => h != 0)) return null;
        return dims.Length == 4
            ? new BlockedImage(dims[0], dims[1], dims[2], dims[3], lanes, At(4), At(5), At(6), At(7))
            : new BlockedImage(dims[0], dims[1], 1, dims[2], lanes, 0, 0, At(4), At(5));
    }

    /// <summary>Operand <paramref name="slot"/> of a region, where it lies so.</summary>
    public static BlockedImage? Operand(KernelRegion region, int slot, int lanes) =>
        Of(region.Dims(region.Body.Inputs[slot].Value), region.OperandLayout(slot), lanes);

    /// <summary>Result <paramref name="slot"/> of a region, where it lies so.</summary>
    public static BlockedImage? Result(KernelRegion region, int slot, int lanes) =>
        Of(region.Dims(region.Body.Outputs[slot].Value), region.ResultLayout(slot), lanes);
}
