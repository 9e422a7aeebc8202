using System.Numerics;
using Nncc.Passes.Programs;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// Places of blocks that constant indices say, found when compiling: neighbours become one longer block, and nothing is left to be checked
/// at run time.
/// </summary>
/// <param name="Starts">Elements from the start to each block.</param>
/// <param name="Block">Elements of a block.</param>
internal sealed record ConstantPlaces(long[] Starts, long Block)
{
    /// <summary>The places; null where an index is outside of its axis, which is refused when it runs.</summary>
    /// <param name="indices">Rows of one index for each size, batch by batch.</param>
    /// <param name="batches">Number of batches, which count as an axis before the sizes.</param>
    /// <param name="sizes">Sizes of the axes that indices say a place of.</param>
    /// <param name="block">Elements behind these axes.</param>
    public static ConstantPlaces? Of(Tensor indices, long batches, ReadOnlySpan<long> sizes, long block)
    {
        long[] all = indices.ToLongs();
        if (sizes.IsEmpty || all.Length == 0) return null;
        long rows = all.Length / sizes.Length;
        var places = new long[rows];
        for (long row = 0, at = 0; row < rows; row++)
        {
            long place = row / (rows / batches);
            foreach (long size in sizes)
            {
                long index = all[at] < 0 ? all[at] + size : all[at];
                if (index < 0 || index >= size) return null;
                place = place * size + index;
                at++;
            }
            places[row] = place;
        }
        // The length that divides all runs of neighbours.
        long run = 0, length = 1;
        for (long row = 1; row <= rows; row++, length++)
        {
            if (row < rows && places[row] == places[row - 1] + 1) continue;
            run = (long)BigInteger.GreatestCommonDivisor(run, length);
            length = 0;
        }
        return new ConstantPlaces([.. Enumerable.Range(0, (int)(rows / run)).Select(i => places[i * run] * block)], run * block);
    }

    /// <summary>The places as a table.</summary>
    public TableTransform Table => new("places", Tensor.Vector(Starts));
}
