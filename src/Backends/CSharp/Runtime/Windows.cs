namespace Nncc.Backends.CSharp.Runtime;

/// <summary>What convolutions do with images before the product.</summary>
internal static unsafe class Windows
{
    /// <summary>
    /// Copies channels of images of three axes (leading ones may be 1) into a place with padding around them, which becomes zero. What lies
    /// beyond the stored sizes is left out.
    /// </summary>
    public static void Store(float* to, float* from, nint channels, nint size0, nint size1, nint size2, nint stored0, nint stored1,
        nint stored2,
        nint begin0, nint begin1, nint begin2)
    {
        nint plane = stored0 * stored1 * stored2;
        nint rowLength = Math.Min(size2, stored2 - begin2);
        new Span<float>(to, checked((int)(channels * plane))).Clear();
        for (nint c = 0; c < channels; c++)
            for (nint z = 0; z < Math.Min(size0, stored0 - begin0); z++)
                for (nint y = 0; y < Math.Min(size1, stored1 - begin1); y++)
                {
                    var row = to + c * plane + ((z + begin0) * stored1 + y + begin1) * stored2 + begin2;
                    Buffer.MemoryCopy(from + ((c * size0 + z) * size1 + y) * size2, row, rowLength * sizeof(float),
                        rowLength * sizeof(float));
                }
    }

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
