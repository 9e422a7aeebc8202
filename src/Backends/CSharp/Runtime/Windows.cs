namespace Nncc.Backends.CSharp.Runtime;

/// <summary>What convolutions and poolings do with images before they compute.</summary>
internal static unsafe class Windows
{
    /// <summary>
    /// Copies channels of images of three axes (leading ones may be 1) into a larger place, which is zero otherwise: element i of an axis
    /// stands at begin + i * step. What would stand outside of the place is left out.
    /// </summary>
    public static void Store(float* to, float* from, nint channels, nint size0, nint size1, nint size2, nint stored0, nint stored1,
        nint stored2, nint begin0, nint begin1, nint begin2, nint step0, nint step1, nint step2)
    {
        nint plane = stored0 * stored1 * stored2;
        nint first = FirstInside(begin2, step2), end = EndInside(size2, stored2, begin2, step2);
        new Span<float>(to, checked((int)(channels * plane))).Clear();
        for (nint c = 0; c < channels; c++)
            for (nint z = FirstInside(begin0, step0); z < EndInside(size0, stored0, begin0, step0); z++)
                for (nint y = FirstInside(begin1, step1); y < EndInside(size1, stored1, begin1, step1); y++)
                {
                    var row = to + c * plane + ((begin0 + z * step0) * stored1 + begin1 + y * step1) * stored2 + begin2;
                    var source = from + ((c * size0 + z) * size1 + y) * size2;
                    if (step2 == 1) Buffer.MemoryCopy(source + first, row + first, (end - first) * sizeof(float),
                        (end - first) * sizeof(float));
                    else
                        for (nint x = first; x < end; x++) row[x * step2] = source[x];
                }
    }

    /// <summary>
    /// Copies so many rows of each channel of an image into places for <paramref name="stored0"/> of them: element i of an axis stands at
    /// begin + i, and what is not of the image is zero. Rows of the image that would stand outside are left out; no column does.
    /// </summary>
    public static void StoreRows(float* to, float* from, nint channels, nint rows, nint size0, nint size1, nint stored0, nint stored1,
        nint begin0, nint begin1)
    {
        int right = checked((int)(stored1 - begin1 - size1));
        for (nint c = 0; c < channels; c++)
            for (nint i = 0; i < rows; i++)
            {
                var row = to + (c * stored0 + i) * stored1;
                nint source = i - begin0;
                if (source < 0 || source >= size0)
                {
                    new Span<float>(row, (int)stored1).Clear();
                    continue;
                }
                new Span<float>(row, (int)begin1).Clear();
                new ReadOnlySpan<float>(from + (c * size0 + source) * size1, (int)size1).CopyTo(new Span<float>(row + begin1, (int)size1));
                new Span<float>(row + begin1 + size1, right).Clear();
            }
    }

    private static nint FirstInside(nint begin, nint step) => begin >= 0 ? 0 : (step - 1 - begin) / step;

    private static nint EndInside(nint size, nint stored, nint begin, nint step) =>
        Math.Max(FirstInside(begin, step), Math.Min(size, (stored - begin + step - 1) / step));

    /// <summary>The first tap of a window that begins at <paramref name="start"/> which does not lie before the first element.</summary>
    public static nint FirstTap(nint start, nint dilation) => start >= 0 ? 0 : (-start + dilation - 1) / dilation;

    /// <summary>The first tap of a window that lies behind the last of <paramref name="size"/> elements, or the number of taps.</summary>
    public static nint EndTap(nint start, nint dilation, nint size, nint taps) =>
        start >= size ? 0 : Math.Min(taps, (size - 1 - start) / dilation + 1);

    /// <summary>
    /// A panel: for each of k taps a row with the element that it meets in each window, filled up with zeros to the panel's width. Windows
    /// that lie side by side are copied as one.
    /// </summary>
    public static void Gather(float* panel, float* from, int* taps, nint k, int* starts, nint windows, nint columns)
    {
        bool contiguous = starts[windows - 1] - starts[0] == windows - 1;
        for (nint tap = 0; tap < k; tap++, panel += columns)
        {
            var source = from + taps[tap];
            if (contiguous) new ReadOnlySpan<float>(source + starts[0], (int)windows).CopyTo(new Span<float>(panel, (int)columns));
            else
                for (nint j = 0; j < windows; j++) panel[j] = source[starts[j]];
            for (nint j = windows; j < columns; j++) panel[j] = 0;
        }
    }
}
