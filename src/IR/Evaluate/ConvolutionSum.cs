using System.Buffers;
using System.Runtime.CompilerServices;

namespace Nncc.IR.Evaluate;

/// <summary>
/// The sums of a convolution in binary64. Tiles of windows are laid out as a matrix [channels·taps, windows] and multiplied by the
/// weights; each sum runs over channels and taps in row-major order.
/// </summary>
internal static class ConvolutionSum
{
    /// <summary>
    /// y[n,m,w] = Σ_c,t x[n, group of m, c, element of tap t in window w] · weights[m,c,t], padding being 0.
    /// </summary>
    /// <param name="x">[images, groups · channels, padded side].</param>
    /// <param name="weights">[groups · filters, channels, taps].</param>
    /// <param name="grid">Where windows lie.</param>
    /// <param name="images">Number of images.</param>
    /// <param name="groups">Number of groups.</param>
    /// <param name="channels">Channels of a group.</param>
    /// <param name="filters">Result channels of a group.</param>
    /// <param name="cancellation">Ends a long evaluation.</param>
    public static double[] Compute(double[] x, double[] weights, WindowGrid grid, int images, int groups, int channels, int filters,
        CancellationToken cancellation)
    {
        var y = new double[checked((long)images * groups * filters * grid.Windows)];
        int depth = channels * grid.Taps;
        if (y.Length == 0 || depth == 0) return y;
        int width = Math.Min(grid.Windows, Math.Clamp((1 << 15) / depth, 64, 512)), tiles = (grid.Windows + width - 1) / width;
        // Few tiles are shared out by filters too, each part laying the windows out for itself.
        int parts = images * groups * tiles >= 4 ? 1 : Math.Min(4, (filters + 63) / 64), part = (filters + parts - 1) / parts;
        IndependentLoop.For(images * groups * tiles * parts, (long)width * depth * part, cancellation, task =>
        {
            int first = task % parts * part, some = Math.Min(part, filters - first), tile = task / parts;
            int group = tile / tiles, start = tile % tiles * width, count = Math.Min(width, grid.Windows - start);
            if (some <= 0) return;
            var source = x.AsSpan(group * channels * grid.PaddedCount, channels * grid.PaddedCount);
            var filter = weights.AsSpan((group % groups * filters + first) * depth, some * depth);
            var sums = y.AsSpan((group * filters + first) * grid.Windows + start);
            if (grid.IsIdentity)
            {
                MatrixProduct.Add<double>(filter, source[start..], grid.Windows, sums, grid.Windows, some, depth, count);
                return;
            }
            double[] columns = ArrayPool<double>.Shared.Rent(depth * count);
            Array.Clear(columns, 0, depth * count);
            for (int c = 0; c < channels; c++)
                Gather(source.Slice(c * grid.PaddedCount, grid.PaddedCount), grid, start, count, columns.AsSpan(c * grid.Taps * count));
            MatrixProduct.Add<double>(filter, columns, count, sums, grid.Windows, some, depth, count);
            ArrayPool<double>.Shared.Return(columns);
        });
        return y;
    }

    // columns[tap, window] for the windows start..start+count-1; it is all zero before.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gather(ReadOnlySpan<double> image, WindowGrid grid, int start, int count, Span<double> columns)
    {
        for (int tap = 0; tap < grid.Taps; tap++)
        {
            int rowTap = tap % grid.RowTaps, first = grid.First(rowTap);
            var (insideFrom, insideTo) = grid.Inside(rowTap);
            var target = columns.Slice(tap * count, count);
            for (int window = start; window < start + count;)
            {
                int outer = window / grid.RowWindows, rowStart = outer * grid.RowWindows,
                    rowEnd = Math.Min(rowStart + grid.RowWindows, start + count);
                int row = grid.Row(outer, tap / grid.RowTaps);
                if (row >= 0)
                {
                    int from = Math.Max(window - rowStart, insideFrom), to = Math.Min(rowEnd - rowStart, insideTo);
                    if (grid.RowStride == 1 && from < to)
                        image.Slice(row + first + from, to - from).CopyTo(target[(rowStart + from - start)..]);
                    else
                        for (int w = from; w < to; w++) target[rowStart + w - start] = image[row + first + w * grid.RowStride];
                }
                window = rowEnd;
            }
        }
    }
}
