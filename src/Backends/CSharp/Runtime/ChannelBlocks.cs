namespace Nncc.Backends.CSharp.Runtime;

/// <summary>
/// Images in blocks of channels: [n][c / lanes][top + h + bottom][left + w + right][lanes], from and to row-major [n, c, h, w].
/// </summary>
internal static unsafe class ChannelBlocks
{
    // Pixels that are turned at once: what they take stays in the nearest cache.
    private const int Piece = 64;

    /// <summary>To blocks; lanes beyond the last channel and the halo become zero.</summary>
    public static void Pack(float* y, float* x, nint batch, nint channels, nint rows, nint columns, nint lanes, nint top, nint bottom,
        nint left, nint right)
    {
        nint blocks = (channels + lanes - 1) / lanes, row = (left + columns + right) * lanes, plane = (top + rows + bottom) * row;
        Halos.Clear(y, batch * blocks, plane, rows, columns, lanes, top, bottom, left, right);
        for (nint n = 0; n < batch; n++)
            for (nint b = 0; b < blocks; b++)
            {
                nint valid = Math.Min(lanes, channels - b * lanes);
                var from = x + (n * channels + b * lanes) * rows * columns;
                var to = y + (n * blocks + b) * plane + top * row + left * lanes;
                for (nint r = 0; r < rows; r++)
                {
                    var target = to + r * row;
                    if (valid < lanes) new Span<float>(target, checked((int)(columns * lanes))).Clear();
                    Transposition.Copy(target, lanes, from + r * columns, rows * columns, columns, valid);
                }
            }
    }

    /// <summary>From blocks to row-major.</summary>
    public static void Unpack(float* y, float* x, nint batch, nint channels, nint rows, nint columns, nint lanes, nint top, nint bottom,
        nint left, nint right)
    {
        nint blocks = (channels + lanes - 1) / lanes, row = (left + columns + right) * lanes, plane = (top + rows + bottom) * row;
        for (nint n = 0; n < batch; n++)
            for (nint b = 0; b < blocks; b++)
            {
                nint valid = Math.Min(lanes, channels - b * lanes);
                var to = y + (n * channels + b * lanes) * rows * columns;
                var from = x + (n * blocks + b) * plane + top * row + left * lanes;
                for (nint r = 0; r < rows; r++)
                    for (nint start = 0; start < columns; start += Piece)
                        Transposition.Copy(to + r * columns + start, rows * columns, from + r * row + start * lanes, lanes, valid,
                            Math.Min(Piece, columns - start));
            }
    }
}
