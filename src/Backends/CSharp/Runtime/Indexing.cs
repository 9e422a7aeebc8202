using System.Numerics;
using System.Runtime.CompilerServices;

namespace Nncc.Backends.CSharp.Runtime;

/// <summary>
/// Moves of elements to and from places that the data say. Indices are int or long; negative ones count from the end of their axis. All are
/// checked
/// before memory is touched by them.
/// </summary>
internal static unsafe class Indexing
{
    /// <summary>Blocks of an axis: block i of each row of the result is block <c>indices[i]</c> of the same row of the source.</summary>
    /// <exception cref="InvalidDataException">An index is outside.</exception>
    public static void Gather<T, TIndex>(T* to, T* from, TIndex* indices, nint rows, nint size, nint block, nint count, string place)
        where T : unmanaged where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        for (nint i = 0; i < count; i++) Resolve(indices[i], size, place);
        for (nint row = 0; row < rows; row++, from += size * block)
            for (nint i = 0; i < count; i++, to += block)
            {
                var source = from + Resolve(indices[i], size, place) * block;
                if (block == 1) *to = *source;
                else Strided.Move(to, source, block);
            }
    }

    /// <summary>For each index the element at the index's own place, but along one axis at the index.</summary>
    /// <param name="to">The result, with the sizes of the indices.</param>
    /// <param name="from">The source.</param>
    /// <param name="indices">The indices.</param>
    /// <param name="places">Memory for a number for each index.</param>
    /// <param name="extents">Sizes of the indices.</param>
    /// <param name="steps">Steps of the source along the axes, 0 for the one axis.</param>
    /// <param name="along">The step along that axis.</param>
    /// <param name="size">Its size in the source.</param>
    /// <param name="place">For messages.</param>
    /// <exception cref="InvalidDataException">An index is outside.</exception>
    public static void GatherElements<T, TIndex>(
        T* to, T* from, TIndex* indices, long* places, ReadOnlySpan<long> extents, ReadOnlySpan<long> steps,
        long along, long size, string place) where T : unmanaged where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        long* end = ElementPlaces(places, 0, ref indices, extents, steps, along, size, place);
        for (; places < end; places++) *to++ = from[*places];
    }

    /// <summary>For each row of the indices the block that they say, in each of so many batches.</summary>
    /// <param name="to">The result.</param>
    /// <param name="from">The source.</param>
    /// <param name="indices">Rows of one index for each size.</param>
    /// <param name="places">Memory for a number for each row.</param>
    /// <param name="batches">Number of batches.</param>
    /// <param name="rows">Rows of indices in a batch.</param>
    /// <param name="sizes">Sizes of the axes that indices say a place of.</param>
    /// <param name="block">Elements behind these axes.</param>
    /// <param name="place">For messages.</param>
    /// <exception cref="InvalidDataException">An index is outside.</exception>
    public static void GatherND<T, TIndex>(T* to, T* from, TIndex* indices, long* places, nint batches, nint rows, ReadOnlySpan<long> sizes,
        nint block,
        string place) where T : unmanaged where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        BlockPlaces(places, indices, batches, rows, sizes, place);
        for (nint i = 0; i < batches * rows; i++) Strided.Move(to + i * block, from + (nint)places[i] * block, block);
    }

    /// <summary>Blocks at known places, in elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Runs<T>(T* to, T* from, long* places, nint rows, nint block) where T : unmanaged
    {
        if (block == 1)
            for (nint i = 0; i < rows; i++) to[i] = from[places[i]];
        else
            for (nint i = 0; i < rows; i++) Strided.Move(to + i * block, from + places[i], block);
    }

    /// <summary>
    /// The second of two values where the index says, on a new axis of size depth; the first one elsewhere and for indices outside.
    /// </summary>
    public static void OneHot<T, TIndex>(T* to, TIndex* indices, T* values, nint outer, nint depth, nint inner)
        where T : unmanaged where TIndex : unmanaged, INumberBase<TIndex>
    {
        Strided.Fill(to, outer * depth * inner, values[0]);
        for (nint i = 0; i < outer; i++)
            for (nint k = 0; k < inner; k++)
            {
                var index = indices[i * inner + k];
                long at = typeof(TIndex) == typeof(float)
                    || typeof(TIndex) == typeof(double) ? Numbers.ToInt64(double.CreateTruncating(index))
                    : long.CreateTruncating(index);
                if (at < 0) at += depth;
                if (at >= 0 && at < depth) to[(i * depth + (nint)at) * inner + k] = values[1];
            }
    }

    /// <summary>The place for each index, in order; gives the end of the places.</summary>
    internal static long* ElementPlaces<TIndex>(long* places, long start, ref TIndex* indices, ReadOnlySpan<long> extents,
        ReadOnlySpan<long> steps,
        long along, long size, string place) where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        if (extents.IsEmpty)
        {
            *places = start + Resolve(*indices++, (nint)size, place) * along;
            return places + 1;
        }
        for (long i = 0; i < extents[0]; i++)
            places = ElementPlaces(places, start + i * steps[0], ref indices, extents[1..], steps[1..], along, size, place);
        return places;
    }

    /// <summary>The number of the block for each row of the indices.</summary>
    internal static void BlockPlaces<TIndex>(long* places, TIndex* indices, nint batches, nint rows, ReadOnlySpan<long> sizes, string place)
        where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        for (nint batch = 0; batch < batches; batch++)
            for (nint row = 0; row < rows; row++)
            {
                long block = batch;
                foreach (long size in sizes) block = block * size + Resolve(*indices++, (nint)size, place);
                *places++ = block;
            }
    }

    /// <summary>The index counted from the front.</summary>
    /// <exception cref="InvalidDataException">It is outside.</exception>
    internal static nint Resolve<TIndex>(TIndex index, nint size, string place) where TIndex : unmanaged, IBinaryInteger<TIndex>
    {
        long at = long.CreateTruncating(index);
        if (at < 0) at += size;
        return at >= 0 && at < size ? (nint)at
            : throw new InvalidDataException($"{place}: index {index} is outside of an axis of size {size}");
    }
}
