using System.Runtime.CompilerServices;

namespace Nncc.IR.Evaluate;

/// <summary>How a pooling takes one more element into a window's result.</summary>
internal interface IWindowFold
{
    /// <summary>The result of a window of no elements.</summary>
    double Start { get; }

    /// <summary>The result with one more element.</summary>
    double Add(double result, double element);
}

/// <summary>Folds the elements of windows, padding left out, in row-major order of the taps.</summary>
internal static class WindowFold
{
    /// <summary>[planes, windows] of the elements x [planes, padded side].</summary>
    public static double[] Compute<TFold>(double[] x, WindowGrid grid, int planes, TFold fold, CancellationToken cancellation)
        where TFold : struct, IWindowFold
    {
        var y = new double[checked(planes * grid.Windows)];
        Array.Fill(y, fold.Start);
        IndependentLoop.For(planes, (long)grid.Windows * grid.Taps, cancellation, plane =>
        {
            var image = x.AsSpan(plane * grid.PaddedCount, grid.PaddedCount);
            for (int outer = 0; outer < grid.OuterWindows; outer++)
            {
                var results = y.AsSpan(plane * grid.Windows + outer * grid.RowWindows, grid.RowWindows);
                for (int outerTap = 0; outerTap < grid.OuterTaps; outerTap++)
                {
                    int row = grid.Row(outer, outerTap);
                    if (row < 0) continue;
                    for (int rowTap = 0; rowTap < grid.RowTaps; rowTap++)
                    {
                        var (from, to) = grid.Inside(rowTap);
                        if (from == to) continue;
                        int at = row + grid.First(rowTap) + from * grid.RowStride, step = grid.RowStride;
                        AddTap(results[from..to], image.Slice(at, (to - from - 1) * step + 1), step, fold);
                    }
                }
            }
        });
        return y;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTap<TFold>(Span<double> results, ReadOnlySpan<double> elements, int step, TFold fold)
        where TFold : struct, IWindowFold
    {
        if (step == 1)
            for (int w = 0; w < results.Length; w++) results[w] = fold.Add(results[w], elements[w]);
        else
            for (int w = 0; w < results.Length; w++) results[w] = fold.Add(results[w], elements[w * step]);
    }

    /// <summary>For each window the place in its plane of the first greatest element; -1 for a window of padding only.</summary>
    public static int[] PlacesOfMax(double[] x, WindowGrid grid, int planes)
    {
        var places = new int[checked(planes * grid.Windows)];
        Array.Fill(places, -1);
        for (int plane = 0; plane < planes; plane++)
        {
            var image = x.AsSpan(plane * grid.PaddedCount, grid.PaddedCount);
            for (int window = 0; window < grid.Windows; window++)
                for (int tap = 0; tap < grid.Taps; tap++)
                {
                    int row = grid.Row(window / grid.RowWindows, tap / grid.RowTaps), w = window % grid.RowWindows;
                    var (from, to) = grid.Inside(tap % grid.RowTaps);
                    if (row < 0 || w < from || w >= to) continue;
                    int at = row + grid.First(tap % grid.RowTaps) + w * grid.RowStride;
                    ref int best = ref places[plane * grid.Windows + window];
                    if (best < 0 || image[at] > image[best] || (double.IsNaN(image[at]) && !double.IsNaN(image[best]))) best = at;
                }
        }
        return places;
    }
}
