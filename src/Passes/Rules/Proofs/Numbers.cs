using System.Collections.Immutable;

namespace Nncc.Passes.Rules.Proofs;

/// <summary>A tensor of normal forms.</summary>
/// <param name="Dims">Its sizes.</param>
/// <param name="Items">Ids of a <see cref="NumberTable"/>, in row-major order.</param>
internal sealed record Numbers(ImmutableArray<long> Dims, int[] Items)
{
    /// <summary>Variables, one for each element.</summary>
    public static Numbers Variables(NumberTable table, string name, ImmutableArray<long> dims) =>
        new(dims, [.. Enumerable.Range(0, (int)Count(dims)).Select(i => table.Apply($"{name}.{i}"))]);

    /// <summary>The elements of a constant.</summary>
    public static Numbers Of(NumberTable table, Tensor tensor) => new(tensor.Dims, [.. tensor.ToDoubles().Select(table.Of)]);

    /// <summary>The ids as a tensor of integers, for ops that only move elements.</summary>
    public Tensor Ids => Tensor.FromLongs(DType.Int64, Dims.AsSpan(), [.. Items.Select(i => (long)i)]);

    /// <summary>From such a tensor.</summary>
    public static Numbers FromIds(Tensor ids) => new(ids.Dims, [.. ids.ToLongs().Select(i => (int)i)]);

    /// <summary>The same, broadcast to sizes.</summary>
    public int[] Broadcast(ImmutableArray<long> sizes)
    {
        if (Dims.SequenceEqual(sizes)) return Items;
        int[] items = new int[Count(sizes)];
        for (int i = 0; i < items.Length; i++)
        {
            long rest = i, from = 0, stride = 1;
            for (int axis = sizes.Length - 1; axis >= 0; axis--)
            {
                int own = axis - (sizes.Length - Dims.Length);
                if (own >= 0)
                {
                    from += Dims[own] == 1 ? 0 : rest % sizes[axis] * stride;
                    stride *= Dims[own];
                }
                rest /= sizes[axis];
            }
            items[i] = Items[from];
        }
        return items;
    }

    /// <summary>Number of elements.</summary>
    public static long Count(ImmutableArray<long> dims) => dims.Aggregate(1L, (a, b) => a * b);
}
