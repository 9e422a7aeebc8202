using System.Runtime.CompilerServices;
using Nncc.IR.Ops;

namespace Nncc.IR.Evaluate;

/// <summary>
/// A <see cref="ConvolutionGeometry"/> in numbers, for loops that go row by row: the last axis is the row, the others are outer axes.
/// Windows and taps are counted in row-major order.
/// </summary>
internal sealed class WindowGrid
{
    private readonly ConvolutionGeometry geometry;
    private readonly int[] windowed, padded, kernel, stride, dilation, begin;
    private readonly int rank;

    /// <summary>The grid of a geometry whose sizes are all numbers.</summary>
    public WindowGrid(ConvolutionGeometry geometry)
    {
        this.geometry = geometry;
        rank = geometry.Rank;
        windowed = Numbers(geometry.Windowed);
        padded = Numbers(geometry.Padded);
        kernel = Numbers(geometry.Kernel);
        begin = Numbers(geometry.PadsBegin);
        stride = [.. geometry.Strides.Select(s => checked((int)s))];
        dilation = [.. geometry.Dilations.Select(d => checked((int)d))];
        OuterWindows = Product(windowed.AsSpan(0, rank - 1));
        OuterTaps = Product(kernel.AsSpan(0, rank - 1));
        Windows = checked(OuterWindows * RowWindows);
        PaddedCount = Product(padded);
    }

    /// <summary>Windows in all.</summary>
    public int Windows { get; }

    /// <summary>Elements of the padded side.</summary>
    public int PaddedCount { get; }

    /// <summary>Windows along all axes but the last.</summary>
    public int OuterWindows { get; }

    /// <summary>Windows in a row.</summary>
    public int RowWindows => windowed[^1];

    /// <summary>Taps along all axes but the last.</summary>
    public int OuterTaps { get; }

    /// <summary>Taps in a row of a window.</summary>
    public int RowTaps => kernel[^1];

    /// <summary>Taps in all.</summary>
    public int Taps => OuterTaps * RowTaps;

    /// <summary>Distance between windows in a row.</summary>
    public int RowStride => stride[^1];

    /// <summary>Whether each window is one element, in order: a window of one tap at each place, and no padding.</summary>
    public bool IsIdentity => Taps == 1 && padded.AsSpan().SequenceEqual(windowed) && begin.All(p => p == 0) && stride.All(s => s == 1);

    /// <summary>Place of the first element of the row that an outer tap of an outer window meets; -1 where it is padding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // called for every row, maybe in one evaluation only: no time to warm up
    public int Row(int outerWindow, int outerTap)
    {
        int place = 0, step = padded[^1];
        for (int i = rank - 2; i >= 0; i--)
        {
            int at = outerWindow % windowed[i] * stride[i] + outerTap % kernel[i] * dilation[i] - begin[i];
            if ((uint)at >= (uint)padded[i]) return -1;
            (outerWindow, outerTap) = (outerWindow / windowed[i], outerTap / kernel[i]);
            place += at * step;
            step *= padded[i];
        }
        return place;
    }

    /// <summary>Place in the row that tap <paramref name="rowTap"/> of the row's first window meets; may be outside.</summary>
    public int First(int rowTap) => rowTap * dilation[^1] - begin[^1];

    /// <summary>The windows in a row, from..to-1, whose tap <paramref name="rowTap"/> meets an element and not padding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public (int From, int To) Inside(int rowTap)
    {
        int first = First(rowTap);
        int from = first >= 0 ? 0 : (-first + RowStride - 1) / RowStride;
        int to = padded[^1] > first ? (padded[^1] - 1 - first) / RowStride + 1 : 0;
        to = Math.Min(to, RowWindows);
        return (Math.Min(from, to), to);
    }

    /// <summary>
    /// For each window, how many of its taps meet an element, or with <paramref name="orPadding"/> an element or padding.
    /// </summary>
    public int[] TapCounts(bool orPadding)
    {
        int[] counts = [1];
        for (int axis = 0; axis < rank; axis++)
        {
            int[] own = geometry.TapCounts(axis, orPadding);
            counts = [.. counts.SelectMany(outer => own.Select(inner => outer * inner))];
        }
        return counts;
    }

    private static int[] Numbers(IEnumerable<Dim> dims) => [.. dims.Select(d => checked((int)d.Value!.Value))];

    private static int Product(ReadOnlySpan<int> sizes)
    {
        int product = 1;
        foreach (int size in sizes) product = checked(product * size);
        return product;
    }
}
