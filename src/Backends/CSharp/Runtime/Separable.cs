namespace Nncc.Backends.CSharp.Runtime;

/// <summary>Moves of elements of which each axis is looked up in a table of its own: padding by reflection, at the edge, around.</summary>
internal static unsafe class Separable
{
    /// <summary>
    /// <c>to[i, j, ...] = from[table0[i] + table1[j] + ...]</c>, or the value where one of the table's entries is negative.
    /// </summary>
    /// <param name="to">The target.</param>
    /// <param name="from">The source.</param>
    /// <param name="value">The value.</param>
    /// <param name="tables">The tables, one behind the other; each has places in the source in elements.</param>
    /// <param name="extents">Length of each table.</param>
    public static void Gather<T>(T* to, T* from, T* value, long* tables, ReadOnlySpan<long> extents) where T : unmanaged
    {
        if (extents.Length == 1)
        {
            Line(to, from, value, tables, (nint)extents[0]);
            return;
        }
        nint inner = 1;
        foreach (long extent in extents[1..]) inner *= (nint)extent;
        for (nint i = 0; i < extents[0]; i++, to += inner)
        {
            if (tables[i] < 0) Strided.Fill(to, inner, *value);
            else Gather(to, from + tables[i], value, tables + extents[0], extents[1..]);
        }
    }

    private static void Line<T>(T* to, T* from, T* value, long* table, nint count) where T : unmanaged
    {
        for (nint i = 0; i < count; i++) to[i] = table[i] < 0 ? *value : from[table[i]];
    }
}
