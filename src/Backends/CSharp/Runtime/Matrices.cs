namespace Nncc.Backends.CSharp.Runtime;

/// <summary>Triangles, unit matrices, number series, reversed sequences.</summary>
internal static unsafe class Matrices
{
    /// <summary>What is on and above the diagonal column - row = k of each matrix, zeros elsewhere.</summary>
    public static void Upper<T>(T* to, T* from, long* k, nint matrices, nint rows, nint columns) where T : unmanaged
    {
        for (nint m = 0; m < matrices; m++)
            for (nint row = 0; row < rows; row++, to += columns, from += columns)
            {
                nint first = Column(row, *k, columns);
                Strided.Fill(to, first, default);
                Strided.Move(to + first, from + first, columns - first);
            }
    }

    /// <summary>What is on and below the diagonal column - row = k of each matrix, zeros elsewhere.</summary>
    public static void Lower<T>(T* to, T* from, long* k, nint matrices, nint rows, nint columns) where T : unmanaged
    {
        for (nint m = 0; m < matrices; m++)
            for (nint row = 0; row < rows; row++, to += columns, from += columns)
            {
                nint end = Column(row + 1, *k, columns);
                Strided.Move(to, from, end);
                Strided.Fill(to + end, columns - end, default);
            }
    }

    /// <summary>Ones where column - row = k, zeros elsewhere.</summary>
    public static void Eye<T>(T* to, nint rows, nint columns, long k, T* one) where T : unmanaged
    {
        Strided.Fill(to, rows * columns, default);
        for (nint row = 0; row < rows; row++)
            if (Column(row, k, columns) is var column && column < columns && column - row == k) to[row * columns + column] = *one;
    }

    /// <summary>
    /// In each of so many batches the first steps of time in reverse, the rest as they are. Batches and times are so many elements apart,
    /// of which a run belongs together.
    /// </summary>
    /// <exception cref="InvalidDataException">A length is negative or beyond the time.</exception>
    public static void Reverse<T>(T* to, T* from, long* lengths, nint batches, nint times, nint batchStep, nint timeStep, nint run,
        string place)
        where T : unmanaged
    {
        for (nint b = 0; b < batches; b++)
            if (lengths[b] < 0 || lengths[b] > times)
                throw new InvalidDataException($"{place}: the length of sequence {b} is {lengths[b]}, and there are {times} steps");
        for (nint b = 0; b < batches; b++)
            for (nint t = 0; t < times; t++)
            {
                nint source = t < lengths[b] ? (nint)lengths[b] - 1 - t : t;
                Strided.Move(to + b * batchStep + t * timeStep, from + b * batchStep + source * timeStep, run);
            }
    }

    // Row + k within the columns; the operand may name a diagonal that is far outside.
    private static nint Column(nint row, long k, nint columns) => (nint)(k <= -row ? 0 : k >= columns - row ? columns : row + k);
}
