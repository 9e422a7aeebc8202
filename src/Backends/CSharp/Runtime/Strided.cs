namespace Nncc.Backends.CSharp.Runtime;

/// <summary>
/// Moves of elements whose places are sums of index times step: transposition, slices, repetition, rearrangement of blocks. Loops are given
/// outermost first; steps are in elements and may be negative or 0.
/// </summary>
internal static unsafe class Strided
{
    // Side of a square of elements that is moved at once where rows become columns: it stays in the nearest cache.
    private const int Square = 16;

    // Elements of a row up to which moving them one by one takes less than calling a copy.
    private const int Few = 8;

    /// <summary>
    /// <c>to[Σ i·toSteps] = from[Σ i·fromSteps]</c> for all indices i within the extents. The target is contiguous along the last loop, and
    /// where the source is contiguous along another loop, that one comes last but one.
    /// </summary>
    public static void Copy<T>(T* to, T* from, ReadOnlySpan<long> extents, ReadOnlySpan<long> toSteps, ReadOnlySpan<long> fromSteps)
        where T : unmanaged
    {
        int rank = extents.Length;
        if (rank == 2) Plane(to, from, (nint)extents[0], (nint)extents[1], (nint)toSteps[0], (nint)fromSteps[0], (nint)fromSteps[1]);
        else if (rank == 1) Plane(to, from, 1, (nint)extents[0], 0, 0, (nint)fromSteps[0]);
        else if (rank == 0) *to = *from;
        else
            for (nint i = 0; i < extents[0]; i++)
                Copy(to + i * (nint)toSteps[0], from + i * (nint)fromSteps[0], extents[1..], toSteps[1..], fromSteps[1..]);
    }

    /// <summary>Fills the target with a value, then copies a part of it as <see cref="Copy"/> does.</summary>
    /// <param name="to">The target.</param>
    /// <param name="count">Its elements.</param>
    /// <param name="value">The value.</param>
    /// <param name="from">The source.</param>
    /// <param name="start">Where the part begins in the target.</param>
    /// <param name="extents">Extents of the part.</param>
    /// <param name="toSteps">Steps in the target.</param>
    /// <param name="fromSteps">Steps in the source.</param>
    public static void Pad<T>(T* to, nint count, T* value, T* from, nint start, ReadOnlySpan<long> extents, ReadOnlySpan<long> toSteps,
        ReadOnlySpan<long> fromSteps) where T : unmanaged
    {
        Fill(to, count, *value);
        Copy(to + start, from, extents, toSteps, fromSteps);
    }

    /// <summary>Copies <paramref name="count"/> elements that lie side by side.</summary>
    public static void Move<T>(T* to, T* from, nint count) where T : unmanaged =>
        Buffer.MemoryCopy(from, to, count * sizeof(T), count * sizeof(T));

    /// <summary>Rows of <paramref name="count"/> elements, which lie farther apart in source and target than they are long.</summary>
    public static void Rows<T>(T* to, nint toStep, T* from, nint fromStep, nint rows, nint count) where T : unmanaged
    {
        for (nint row = 0; row < rows; row++) Move(to + row * toStep, from + row * fromStep, count);
    }

    /// <summary>Makes <paramref name="count"/> elements the value.</summary>
    public static void Fill<T>(T* to, nint count, T value) where T : unmanaged
    {
        for (nint i = 0; i < count; i += int.MaxValue) new Span<T>(to + i, (int)nint.Min(int.MaxValue, count - i)).Fill(value);
    }

    private static void Plane<T>(T* to, T* from, nint rows, nint columns, nint toStep, nint fromStep, nint fromColumn) where T : unmanaged
    {
        if (fromColumn == 1 && columns <= Few)
        {
            for (nint i = 0; i < rows; i++)
                for (nint j = 0; j < columns; j++) to[i * toStep + j] = from[i * fromStep + j];
        }
        else if (fromColumn == 1)
        {
            for (nint i = 0; i < rows; i++) Move(to + i * toStep, from + i * fromStep, columns);
        }
        else if (fromColumn == 0)
        {
            for (nint i = 0; i < rows; i++) Fill(to + i * toStep, columns, from[i * fromStep]);
        }
        else if (sizeof(T) == sizeof(float) && fromStep == 1 && rows == 2 && fromColumn == 2)
            Transposition.Part((float*)to, (float*)(to + toStep), (float*)from, columns);
        else if (sizeof(T) == sizeof(float) && fromStep == 1 && columns >= 4)
            Transposition.Copy((float*)to, toStep, (float*)from, fromColumn, rows, columns);
        else
        {
            for (nint i = 0; i < rows; i += Square)
                for (nint j = 0; j < columns; j += Square)
                    for (nint row = i; row < nint.Min(rows, i + Square); row++)
                        for (nint column = j; column < nint.Min(columns, j + Square); column++)
                            to[row * toStep + column] = from[row * fromStep + column * fromColumn];
        }
    }
}
