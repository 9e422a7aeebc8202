namespace Nncc.Backends.CSharp.Runtime;

/// <summary>The zeros that are stored around images in blocks of channels.</summary>
internal static unsafe class Halos
{
    /// <summary>
    /// Clears what is stored around each of so many planes: rows above and below, and pixels to the left and right of each row.
    /// </summary>
    /// <param name="planes">The first stored row of the first plane.</param>
    /// <param name="count">Planes.</param>
    /// <param name="step">Elements from a plane to the next.</param>
    /// <param name="rows">Rows of a plane.</param>
    /// <param name="columns">Pixels of a row.</param>
    /// <param name="lanes">Elements of a pixel.</param>
    /// <param name="top">Rows stored above.</param>
    /// <param name="bottom">Rows stored below.</param>
    /// <param name="left">Pixels stored to the left of each row.</param>
    /// <param name="right">Pixels stored to the right of each row.</param>
    public static void Clear(float* planes, nint count, nint step, nint rows, nint columns, nint lanes, nint top, nint bottom, nint left,
        nint right)
    {
        if ((top | bottom | left | right) == 0 || (top | rows | bottom) == 0) return;
        nint row = (left + columns + right) * lanes, plane = (top + rows + bottom) * row;
        int before = checked((int)(top * row + left * lanes)), after = checked((int)(bottom * row + right * lanes));
        int between = (int)((left + right) * lanes);
        for (nint i = 0; i < count; i++, planes += step)
        {
            new Span<float>(planes, before).Clear();
            new Span<float>(planes + plane - after, after).Clear();
            var gap = planes + before + columns * lanes;
            for (nint r = 1; r < rows; r++, gap += row) new Span<float>(gap, between).Clear();
        }
    }
}
