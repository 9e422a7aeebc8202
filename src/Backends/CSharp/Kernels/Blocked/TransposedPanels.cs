namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>
/// Filters [c, m, taps...] of a transposed convolution as panels for blocked kernels: for each phase and each few blocks of filters a row
/// with a weight for each filter, for each step of the phase. Filters that fill up the last block are zeros.
/// </summary>
/// <param name="Lanes">Filters of a block.</param>
/// <param name="Vectors">Blocks of filters of a panel; the last panel may have fewer.</param>
/// <param name="RowStride">Vertical stride.</param>
/// <param name="ColumnStride">Horizontal stride.</param>
/// <param name="RowBegin">Rows cut off before the first.</param>
/// <param name="ColumnBegin">Columns cut off before the first.</param>
public sealed record TransposedPanels(int Lanes, int Vectors, long RowStride, long ColumnStride, long RowBegin, long ColumnBegin)
    : PlacedPanels
{
    /// <inheritdoc/>
    public override string Name => $"transposed{Lanes}x{Vectors}-{RowStride}x{ColumnStride}-{RowBegin}x{ColumnBegin}";

    /// <inheritdoc/>
    public override long PackedBytes(Tensor? source)
    {
        long[] dims = source!.Type.Shape!.ToStatic()!;
        long filters = (dims[1] + Lanes - 1) / Lanes * Lanes;
        return dims[0] * filters * ((ReadOnlySpan<long>)dims.AsSpan(2)).Product() * sizeof(float);
    }

    /// <inheritdoc/>
    protected override IEnumerable<long> Places(TensorType source)
    {
        long[] dims = source.Shape!.ToStatic()!;
        long filters = dims[1], blocks = (filters + Lanes - 1) / Lanes, rowTaps = dims.Length == 3 ? 1 : dims[2], columnTaps = dims[^1];
        // Which taps meet a phase does not depend on the sizes.
        var rows = new TransposedAxis(1, 1, rowTaps, RowStride, RowBegin);
        var columns = new TransposedAxis(1, 1, columnTaps, ColumnStride, ColumnBegin);
        foreach (var phase in TransposedPhase.Of(rows, columns, dims[0], Lanes))
            for (long block = 0; block < blocks; block += Vectors)
                foreach (var step in phase.Steps)
                    for (long m = block * Lanes; m < Math.Min(blocks, block + Vectors) * Lanes; m++)
                        yield return m < filters
                            ? ((step.Channel * filters + m) * rowTaps + step.RowTap) * columnTaps + step.ColumnTap : -1;
    }
}
