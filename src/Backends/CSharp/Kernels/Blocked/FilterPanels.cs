namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>
/// Filters [m, c, taps...] of a convolution with groups as panels for blocked kernels: for each group and each few blocks of filters, in
/// the order in which a kernel sums (blocks of channels, taps, channels of the block), a row with a weight for each filter of the panel.
/// Filters that fill up a group's last block are zeros; channels are not filled up. With <paramref name="IsPlanar"/> sums run over channels
/// and taps, so that rows are in the order of a filter's own elements.
/// </summary>
/// <param name="Lanes">Channels, and filters, of a block.</param>
/// <param name="Vectors">Blocks of filters of a panel; the last panel of a group may have fewer.</param>
/// <param name="Groups">Groups.</param>
/// <param name="IsPlanar">Whether the operand is not in blocks.</param>
public sealed record FilterPanels(int Lanes, int Vectors, long Groups, bool IsPlanar) : PlacedPanels
{
    /// <inheritdoc/>
    public override string Name => $"filters{Lanes}x{Vectors}{(Groups > 1 ? $"-{Groups}" : "")}{(IsPlanar ? "-planar" : "")}";

    /// <inheritdoc/>
    public override long PackedBytes(Tensor? source)
    {
        var (filters, channels, taps) = Extents(source!.Type);
        return Groups * Blocks(filters) * Lanes * channels * taps * sizeof(float);
    }

    /// <inheritdoc/>
    protected override IEnumerable<long> Places(TensorType source)
    {
        var (filters, channels, taps) = Extents(source);
        int depth = IsPlanar ? (int)channels : Lanes;
        for (long g = 0; g < Groups; g++)
            for (long block = 0; block < Blocks(filters); block += Vectors)
            {
                long end = Math.Min(Blocks(filters), block + Vectors) * Lanes;
                for (long c0 = 0; c0 < channels; c0 += depth)
                    for (long outer = 0; outer < (IsPlanar ? channels : taps); outer++)
                        for (long inner = 0; inner < (IsPlanar ? taps : Math.Min(Lanes, channels - c0)); inner++)
                        {
                            var (c, tap) = IsPlanar ? (outer, inner) : (c0 + inner, outer);
                            for (long m = block * Lanes; m < end; m++)
                                yield return m < filters ? ((g * filters + m) * channels + c) * taps + tap : -1;
                        }
            }
    }

    private long Blocks(long filters) => (filters + Lanes - 1) / Lanes;

    private (long Filters, long Channels, long Taps) Extents(TensorType type)
    {
        var dims = type.Shape!.ToStatic()!;
        return (dims[0] / Groups, dims[1], ((ReadOnlySpan<long>)dims.AsSpan(2)).Product());
    }
}
