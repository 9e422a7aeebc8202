using System.Numerics;

namespace Nncc.Backends.CSharp.Runtime;

/// <summary>Poolings that know places, and their reverse. Spatial axes are three; leading ones may be 1.</summary>
internal static unsafe class Pooling
{
    /// <summary>The first greatest element of each window (NaN counts as greater than all numbers), and its place in x.</summary>
    /// <param name="y">The elements: [planes, windows].</param>
    /// <param name="places">Their places in x.</param>
    /// <param name="x">The data: [planes, size].</param>
    /// <param name="planes">Images times channels.</param>
    /// <param name="size">Sizes.</param>
    /// <param name="windows">Numbers of windows.</param>
    /// <param name="kernel">Taps of a window.</param>
    /// <param name="stride">Distances between windows.</param>
    /// <param name="dilation">Distances between taps.</param>
    /// <param name="begin">Padding before the first element.</param>
    /// <param name="placeSteps">What a step along each axis adds to a place.</param>
    public static void MaxWithPlaces<T>(T* y, long* places, T* x, nint planes, ReadOnlySpan<long> size, ReadOnlySpan<long> windows,
        ReadOnlySpan<long> kernel, ReadOnlySpan<long> stride, ReadOnlySpan<long> dilation, ReadOnlySpan<long> begin,
            ReadOnlySpan<long> placeSteps)
        where T : unmanaged, INumber<T>
    {
        long plane = size[0] * size[1] * size[2];
        var least = T.CreateSaturating(double.NegativeInfinity);
        for (nint p = 0; p < planes; p++, x += plane)
            for (long z = 0; z < windows[0]; z++)
                for (long v = 0; v < windows[1]; v++)
                    for (long u = 0; u < windows[2]; u++, y++, places++)
                    {
                        (*y, *places) = (least, p * plane - 1);
                        bool isFirst = true;
                        for (long i = 0; i < kernel[0]; i++)
                            for (long j = 0; j < kernel[1]; j++)
                                for (long k = 0; k < kernel[2]; k++)
                                {
                                    long a = z * stride[0] + i * dilation[0] - begin[0], b = v * stride[1] + j * dilation[1] - begin[1];
                                    long c = u * stride[2] + k * dilation[2] - begin[2];
                                    if (a < 0 || a >= size[0] || b < 0 || b >= size[1] || c < 0 || c >= size[2]) continue;
                                    var item = x[(a * size[1] + b) * size[2] + c];
                                    if (!isFirst && !(item > *y) && (!T.IsNaN(item) || T.IsNaN(*y))) continue;
                                    (*y, *places) = (item, p * plane + a * placeSteps[0] + b * placeSteps[1] + c * placeSteps[2]);
                                    isFirst = false;
                                }
                    }
    }

    /// <summary>Zeros, but each element of x at its place; places count over sizes that may be less than those of the result.</summary>
    /// <param name="y">The result.</param>
    /// <param name="total">Its elements.</param>
    /// <param name="x">The elements.</param>
    /// <param name="places">Their places.</param>
    /// <param name="count">How many.</param>
    /// <param name="size">Sizes over which places count.</param>
    /// <param name="steps">Steps of the result along these axes.</param>
    /// <param name="place">For messages.</param>
    /// <exception cref="InvalidDataException">A place is outside.</exception>
    public static void Unpool<T>(T* y, nint total, T* x, long* places, nint count, ReadOnlySpan<long> size, ReadOnlySpan<long> steps,
        string place)
        where T : unmanaged
    {
        long all = 1;
        foreach (long extent in size) all *= extent;
        for (nint i = 0; i < count; i++)
            if (places[i] < 0 || places[i] >= all) throw new InvalidDataException($"{place}: place {places[i]} is outside of {all} "
                + $"elements");
        Strided.Fill(y, total, default);
        for (nint i = 0; i < count; i++)
        {
            long rest = places[i], at = 0;
            for (int axis = size.Length - 1; axis >= 0; axis--)
            {
                at += rest % size[axis] * steps[axis];
                rest /= size[axis];
            }
            y[at] = x[i];
        }
    }
}
