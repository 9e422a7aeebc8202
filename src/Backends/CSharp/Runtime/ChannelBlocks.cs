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
        Halos.Clear(y, batch * blocks, rows, columns, lanes, top, bottom, left, right);
        for (nint n = 0; n < batch; n++)
            for (nint b = 0; b < blocks; b++)
            {
                nint valid = Math.Min(lanes, channels - b * lanes);
                var from = x + (n * channels + b * lanes) * rows * columns;
                var to = y + (n * blocks + b) * plane + top * row + left * lanes;
                for (nint r = 0; r < rows; r++)
                    for (nint start = 0; start < columns; start += Piece)
                    {
                        nint end = Math.Min(columns, start + Piece);
                        for (nint c = 0; c < lanes; c++)
                        {
                            var source = from + (c * rows + r) * columns;
                            var target = to + r * row + c;
                            if (c < valid)
                                for (nint p = start; p < end; p++) target[p * lanes] = source[p];
                            else
                                for (nint p = start; p < end; p++) target[p * lanes] = 0;
                        }
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
                    {
                        nint end = Math.Min(columns, start + Piece);
                        for (nint c = 0; c < valid; c++)
                        {
                            var source = from + r * row + c;
                            var target = to + (c * rows + r) * columns;
                            for (nint p = start; p < end; p++) target[p] = source[p * lanes];
                        }
                    }
            }
    }
}
