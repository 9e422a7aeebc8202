using Nncc.IR.Ops;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// A convolution's geometry with up to three spatial axes, filled up with leading axes of size 1, over an image that is stored with its
/// padding. An input element i stands at stored place i * Stretch + Begin: the stretch is 1, but for transposed convolutions, whose stride
/// it is.
/// </summary>
internal sealed record WindowTables(
    long[] Size, long[] Stored, long[] Begin, long[] Stretch, long[] Windows, long[] Kernel, long[] Strides, long[] Dilations)
{
    private const int Axes = 3;

    /// <summary>Elements of a stored plane.</summary>
    public long StoredPlane => Product(Stored);

    /// <summary>Elements of an input plane.</summary>
    public long Plane => Product(Size);

    /// <summary>Number of windows.</summary>
    public long Count => Product(Windows);

    /// <summary>Whether the image is used as it lies.</summary>
    public bool IsDirect => Size.AsSpan().SequenceEqual(Stored) && Begin.All(b => b == 0);

    /// <summary>Of a convolution; null where sizes are not bound or there are more than three spatial axes.</summary>
    public static WindowTables? Of(ConvolutionGeometry g)
    {
        if (g.Rank > Axes || Numbers(g.Padded, 1) is not { } size || Numbers(g.Windowed, 1) is not { } windows
            || Numbers(g.Kernel, 1) is not { } kernel
            || Numbers(g.PadsBegin, 0) is not { } begin) return null;
        long[] strides = Fill(g.Strides, 1), dilations = Fill(g.Dilations, 1);
        var stored = new long[Axes];
        for (int i = 0; i < Axes; i++)
            stored[i] = Math.Max(size[i] + begin[i], (windows[i] - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1);
        return new WindowTables(size, stored, begin, [1, 1, 1], windows, kernel, strides, dilations);
    }

    /// <summary>
    /// Of a transposed convolution, as a convolution with flipped filters over the operand with zeros between its elements; null where
    /// sizes are not bound or there are more than three spatial axes.
    /// </summary>
    public static WindowTables? Transposed(ConvolutionGeometry g)
    {
        if (g.Rank > Axes || Numbers(g.Padded, 1) is not { } result || Numbers(g.Windowed, 1) is not { } size
            || Numbers(g.Kernel, 1) is not { } kernel
            || Numbers(g.PadsBegin, 0) is not { } pads) return null;
        long[] dilations = Fill(g.Dilations, 1), stored = new long[Axes], begin = new long[Axes];
        for (int i = 0; i < Axes; i++)
        {
            long reach = (kernel[i] - 1) * dilations[i];
            stored[i] = result[i] + reach;
            begin[i] = reach - pads[i];
        }
        return new WindowTables(size, stored, begin, Fill(g.Strides, 1), result, kernel, [1, 1, 1], dilations);
    }

    /// <summary>For each channel of a group and tap: where it stands relative to a window's first element.</summary>
    public int[] Taps(long channels)
    {
        var table = new List<int>();
        for (long c = 0; c < channels; c++)
            for (long z = 0; z < Kernel[0]; z++)
                for (long y = 0; y < Kernel[1]; y++)
                    for (long x = 0; x < Kernel[2]; x++)
                        table.Add(checked((int)(c * StoredPlane + Place(z * Dilations[0], y * Dilations[1], x * Dilations[2]))));
        return [.. table];
    }

    /// <summary>For each window: where its first element stands in a stored plane.</summary>
    public int[] Starts()
    {
        var table = new int[Count];
        long i = 0;
        for (long z = 0; z < Windows[0]; z++)
            for (long y = 0; y < Windows[1]; y++)
                for (long x = 0; x < Windows[2]; x++) table[i++] = checked((int)Place(z * Strides[0], y * Strides[1], x * Strides[2]));
        return table;
    }

    private long Place(long z, long y, long x) => (z * Stored[1] + y) * Stored[2] + x;

    private static long[]? Numbers(IReadOnlyList<Dim> dims, long fill) =>
        dims.All(d => d.IsConstant) ? Fill([.. dims.Select(d => d.Value!.Value)], fill) : null;

    private static long[] Fill(IReadOnlyList<long> numbers, long fill) => [.. Enumerable.Repeat(fill, Axes - numbers.Count), .. numbers];

    private static long Product(long[] dims) => dims.Aggregate(1L, (a, b) => a * b);
}
