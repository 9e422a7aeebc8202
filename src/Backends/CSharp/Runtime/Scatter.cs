using System.Numerics;
using System.Runtime.CompilerServices;

namespace Nncc.Backends.CSharp.Runtime;

/// <summary>
/// A copy of the data with updates at places that indices say; see <see cref="Indexing"/>. The functions whose names end in With combine an
/// update with what is
/// there: 1 adds, 2 multiplies, 3 takes the greater one, 4 the lesser one.
/// </summary>
internal static unsafe class Scatter
{
    /// <summary>
    /// Updates of single elements, each at its own place, but along one axis at its index; of several for one place the last one stays.
    /// </summary>
    /// <exception cref="InvalidDataException">An index is outside.</exception>
    public static void Elements<T, TIndex>(T* to, nint count, T* data, TIndex* indices, T* updates, long* places,
        ReadOnlySpan<long> extents,
        ReadOnlySpan<long> steps, long along, long size, string place) where T : unmanaged where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        long* end = Indexing.ElementPlaces(places, 0, ref indices, extents, steps, along, size, place);
        Strided.Move(to, data, count);
        for (; places < end; places++) to[*places] = *updates++;
    }

    /// <summary>As <see cref="Elements"/>, combined.</summary>
    /// <exception cref="InvalidDataException">An index is outside.</exception>
    public static void ElementsWith<T, TIndex>(
        T* to, nint count, T* data, TIndex* indices, T* updates, long* places, ReadOnlySpan<long> extents,
        ReadOnlySpan<long> steps, long along, long size, int reduction, string place)
        where T : unmanaged, INumber<T> where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        long* end = Indexing.ElementPlaces(places, 0, ref indices, extents, steps, along, size, place);
        Strided.Move(to, data, count);
        for (; places < end; places++) Combine(to + *places, updates++, 1, reduction);
    }

    /// <summary>Updates of blocks, each at the place that its row of indices says; of several for one place the last one stays.</summary>
    /// <exception cref="InvalidDataException">An index is outside.</exception>
    public static void Blocks<T, TIndex>(T* to, nint count, T* data, TIndex* indices, T* updates, long* places, nint rows,
        ReadOnlySpan<long> sizes,
        nint block, string place) where T : unmanaged where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        Indexing.BlockPlaces(places, indices, 1, rows, sizes, place);
        Strided.Move(to, data, count);
        for (nint i = 0; i < rows; i++) Strided.Move(to + (nint)places[i] * block, updates + i * block, block);
    }

    /// <summary>Updates of blocks, each at a known place, in elements; of several for one place the last one stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Runs<T>(T* to, nint count, T* data, T* updates, long* places, nint rows, nint block) where T : unmanaged
    {
        Strided.Move(to, data, count);
        if (block == 1)
            for (nint i = 0; i < rows; i++) to[places[i]] = updates[i];
        else
            for (nint i = 0; i < rows; i++) Strided.Move(to + places[i], updates + i * block, block);
    }

    /// <summary>As <see cref="Blocks"/>, combined.</summary>
    /// <exception cref="InvalidDataException">An index is outside.</exception>
    public static void BlocksWith<T, TIndex>(
        T* to, nint count, T* data, TIndex* indices, T* updates, long* places, nint rows, ReadOnlySpan<long> sizes,
        nint block, int reduction, string place) where T : unmanaged, INumber<T> where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        Indexing.BlockPlaces(places, indices, 1, rows, sizes, place);
        Strided.Move(to, data, count);
        for (nint i = 0; i < rows; i++) Combine(to + (nint)places[i] * block, updates + i * block, block, reduction);
    }

    /// <summary>
    /// A cache with an update written into it along an axis, in each batch from a place of its own on; with wrapping, the axis starts anew
    /// behind its end.
    /// </summary>
    /// <param name="to">The new cache.</param>
    /// <param name="cache">The old one.</param>
    /// <param name="update">What is written.</param>
    /// <param name="starts">The place for each batch.</param>
    /// <param name="batches">Number of batches.</param>
    /// <param name="rows">Rows in a batch: what lies before the axis.</param>
    /// <param name="size">Size of the axis.</param>
    /// <param name="length">Size of the update's axis.</param>
    /// <param name="block">Elements behind the axis.</param>
    /// <param name="wraps">1 for wrapping, else 0.</param>
    /// <param name="place">For messages.</param>
    /// <exception cref="InvalidDataException">A place is outside.</exception>
    public static void Cache<T, TIndex>(T* to, T* cache, T* update, TIndex* starts, nint batches, nint rows, nint size, nint length,
        nint block, int wraps,
        string place) where T : unmanaged where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        for (nint b = 0; b < batches; b++)
            if (wraps == 0 && length > 0) Indexing.Resolve(starts[b] + TIndex.CreateTruncating(length - 1), size, place);
        Strided.Move(to, cache, batches * rows * size * block);
        for (nint b = 0; b < batches; b++)
            for (nint row = 0; row < rows; row++, to += size * block)
                for (nint i = 0; i < length; i++, update += block)
                {
                    long at = long.CreateTruncating(starts[b]) + i;
                    if (wraps != 0) at = ((at % size) + size) % size;
                    Strided.Move(to + Indexing.Resolve(at, size, place) * block, update, block);
                }
    }

    private static void Combine<T>(T* to, T* update, nint count, int reduction) where T : unmanaged, INumber<T>
    {
        switch (reduction)
        {
            case 1:
                for (nint i = 0; i < count; i++) to[i] += update[i];
                break;
            case 2:
                for (nint i = 0; i < count; i++) to[i] *= update[i];
                break;
            case 3:
                for (nint i = 0; i < count; i++) to[i] = T.Max(to[i], update[i]);
                break;
            default:
                for (nint i = 0; i < count; i++) to[i] = T.Min(to[i], update[i]);
                break;
        }
    }
}
