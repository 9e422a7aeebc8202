namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>A few blocks of filters, and the channels that their groups read.</summary>
/// <param name="First">First filter.</param>
/// <param name="Vectors">Blocks.</param>
/// <param name="Channel">First channel.</param>
/// <param name="Channels">Channels.</param>
internal readonly record struct GroupPanel(long First, int Vectors, long Channel, long Channels)
{
    /// <summary>The panels of a convolution with that many filters and channels in each group.</summary>
    public static IEnumerable<GroupPanel> Of(long groups, long filters, long channels, int lanes, int vectors)
    {
        long all = groups * filters, blocks = (all + lanes - 1) / lanes;
        for (long block = 0; block < blocks; block += vectors)
        {
            long end = Math.Min(blocks, block + vectors), last = Math.Min(all, end * lanes) - 1;
            long from = block * lanes / filters * channels;
            yield return new GroupPanel(block * lanes, (int)(end - block), from, (last / filters + 1) * channels - from);
        }
    }

    /// <summary>The steps of its sums in order: blocks of channels, taps, channels of the block.</summary>
    public IEnumerable<(long Channel, long Tap)> Steps(int lanes, long taps)
    {
        long end = Channel + Channels;
        for (long start = Channel; start < end; start = (start / lanes + 1) * lanes)
            for (long tap = 0; tap < taps; tap++)
                for (long c = start; c < Math.Min(end, (start / lanes + 1) * lanes); c++) yield return (c, tap);
    }
}

/// <summary>
/// Filters [m, c, taps...] of a convolution whose groups are not whole blocks, as panels for blocked kernels: for each few blocks of
/// filters and each channel and tap of all groups that they belong to, a row with a weight for each filter, zero where the channel is of
/// another group.
/// </summary>
/// <param name="Lanes">Channels, and filters, of a block.</param>
/// <param name="Vectors">Blocks of filters of a panel; the last one may have fewer.</param>
/// <param name="Groups">Groups.</param>
public sealed record GroupPanels(int Lanes, int Vectors, long Groups) : PlacedPanels
{
    /// <inheritdoc/>
    public override string Name => $"groups{Lanes}x{Vectors}-{Groups}";

    /// <inheritdoc/>
    public override long PackedBytes(Tensor? source)
    {
        var (filters, channels, taps) = Extents(source!.Type);
        return GroupPanel.Of(Groups, filters, channels, Lanes, Vectors).Sum(p => p.Channels * taps * p.Vectors * Lanes) * sizeof(float);
    }

    /// <inheritdoc/>
    protected override IEnumerable<long> Places(TensorType source)
    {
        var (filters, channels, taps) = Extents(source);
        foreach (var panel in GroupPanel.Of(Groups, filters, channels, Lanes, Vectors))
            foreach (var (channel, tap) in panel.Steps(Lanes, taps))
                for (long m = panel.First; m < panel.First + panel.Vectors * Lanes; m++)
                    yield return m < Groups * filters && m / filters == channel / channels
                        ? (m * channels + channel % channels) * taps + tap : -1;
    }

    private (long Filters, long Channels, long Taps) Extents(TensorType type)
    {
        var dims = type.Shape!.ToStatic()!;
        return (dims[0] / Groups, dims[1], ((ReadOnlySpan<long>)dims.AsSpan(2)).Product());
    }
}
