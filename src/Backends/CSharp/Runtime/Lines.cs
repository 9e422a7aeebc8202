using System.Numerics;

namespace Nncc.Backends.CSharp.Runtime;

/// <summary>Functions of the elements along one axis of x [outer, size, inner], or along several; sums are taken in binary64.</summary>
internal static unsafe class Lines
{
    /// <summary>1 for the first greatest element of each line, NaN being greater than all numbers, 0 for the others.</summary>
    public static void Hardmax<T>(T* y, T* x, nint outer, nint size, nint inner) where T : unmanaged, INumber<T>
    {
        for (nint i = 0; i < outer; i++)
            for (nint j = 0; j < inner; j++)
            {
                T* from = x + i * size * inner + j, to = y + i * size * inner + j;
                nint best = 0;
                for (nint k = 1; k < size; k++)
                    if (from[k * inner] > from[best * inner] || (T.IsNaN(from[k * inner]) && !T.IsNaN(from[best * inner]))) best = k;
                for (nint k = 0; k < size; k++) to[k * inner] = k == best ? T.One : T.Zero;
            }
    }

    /// <summary>
    /// Elements over the sum of magnitudes of their line, or with <paramref name="order"/> 2 over the root of the sum of squares; 0 where
    /// that is 0.
    /// </summary>
    public static void Normalize<T>(T* y, T* x, nint outer, nint size, nint inner, int order) where T : unmanaged, INumber<T>
    {
        for (nint i = 0; i < outer; i++)
            for (nint j = 0; j < inner; j++)
            {
                T* from = x + i * size * inner + j, to = y + i * size * inner + j;
                double norm = 0;
                for (nint k = 0; k < size; k++)
                {
                    double item = double.CreateTruncating(from[k * inner]);
                    norm += order == 1 ? Math.Abs(item) : item * item;
                }
                if (order == 2) norm = Math.Sqrt(norm);
                for (nint k = 0; k < size; k++)
                    to[k * inner] = norm == 0 ? T.Zero : T.CreateTruncating(double.CreateTruncating(from[k * inner]) / norm);
            }
    }

    /// <summary>(x - mean) / (deviation + 1e-9) over some axes, for each place on the others.</summary>
    /// <param name="y">The result.</param>
    /// <param name="x">The data.</param>
    /// <param name="kept">Sizes of the other axes.</param>
    /// <param name="keptSteps">Steps along them.</param>
    /// <param name="along">Sizes of the axes.</param>
    /// <param name="alongSteps">Steps along them.</param>
    public static void Standardize<T>(T* y, T* x, ReadOnlySpan<long> kept, ReadOnlySpan<long> keptSteps, ReadOnlySpan<long> along,
        ReadOnlySpan<long> alongSteps) where T : unmanaged, INumber<T>
    {
        if (!kept.IsEmpty)
        {
            for (long i = 0; i < kept[0]; i++)
                Standardize(y + i * keptSteps[0], x + i * keptSteps[0], kept[1..], keptSteps[1..], along, alongSteps);
            return;
        }
        double count = 1;
        foreach (long extent in along) count *= extent;
        double mean = Sum(x, along, alongSteps, 0, 1) / count, deviation = Math.Sqrt(Sum(x, along, alongSteps, mean, 2) / count);
        Shift(y, x, along, alongSteps, mean, deviation + 1e-9);
    }

    // The sum of differences from the center, or of their squares.
    private static double Sum<T>(T* x, ReadOnlySpan<long> extents, ReadOnlySpan<long> steps, double center, int order) where T : unmanaged,
        INumber<T>
    {
        if (extents.IsEmpty)
        {
            double item = double.CreateTruncating(*x) - center;
            return order == 1 ? item : item * item;
        }
        double sum = 0;
        for (long i = 0; i < extents[0]; i++) sum += Sum(x + i * steps[0], extents[1..], steps[1..], center, order);
        return sum;
    }

    private static void Shift<T>(T* y, T* x, ReadOnlySpan<long> extents, ReadOnlySpan<long> steps, double mean, double scale) where T
        : unmanaged, INumber<T>
    {
        if (extents.IsEmpty)
        {
            *y = T.CreateTruncating((double.CreateTruncating(*x) - mean) / scale);
            return;
        }
        for (long i = 0; i < extents[0]; i++) Shift(y + i * steps[0], x + i * steps[0], extents[1..], steps[1..], mean, scale);
    }
}
