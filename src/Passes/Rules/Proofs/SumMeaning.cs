using System.Collections.Immutable;
using Nncc.IR.Ops;

namespace Nncc.Passes.Rules.Proofs;

/// <summary>
/// What ops mean that give sums, products and maxima over several elements: reductions, matrix products, convolutions, poolings.
/// </summary>
/// <param name="table">The numbers.</param>
internal sealed class SumMeaning(NumberTable table)
{
    /// <summary>A reduction along axes; null for one without a meaning here.</summary>
    /// <param name="op">The reduction.</param>
    /// <param name="x">What is reduced.</param>
    /// <param name="axes">Its axes, from 0.</param>
    /// <param name="dims">Sizes of the result.</param>
    public Numbers? Reduce(Op op, Numbers x, IReadOnlyCollection<int> axes, ImmutableArray<long> dims)
    {
        var groups = Groups(x, axes);
        int? Each(List<int> items) => op switch
        {
            ReduceSum => Sum(items),
            ReduceMean => table.Multiply(Sum(items), table.Of(1.0 / items.Count)),
            ReduceMax => table.Max([.. items]),
            ReduceMin => table.Negate(table.Max([.. items.Select(table.Negate)])),
            ReduceProd => items.Aggregate(table.Of(1), table.Multiply),
            ReduceSumSquare => Sum(items.Select(i => table.Multiply(i, i))),
            ReduceL1 => Sum(items.Select(i => table.Max(i, table.Negate(i)))),
            ReduceL2 => table.Sqrt(Sum(items.Select(i => table.Multiply(i, i)))),
            ReduceLogSum => table.Apply("Log", Sum(items)),
            ReduceLogSumExp => table.Apply("Log", Sum(items.Select(table.Exp))),
            _ => null,
        };
        int?[] results = [.. groups.Select(Each)];
        return results.Any(r => r is null) ? null : new Numbers(dims, [.. results.Select(r => r!.Value)]);
    }

    /// <summary>Softmax along an axis, or its logarithm.</summary>
    public Numbers Softmax(Numbers x, int axis, bool isLog)
    {
        int[] items = new int[x.Items.Length];
        var powers = x with { Items = [.. x.Items.Select(table.Exp)] };
        int[] sums = [.. Groups(powers, [axis]).Select(Sum)];
        int[] spread = new Numbers(x.Dims.SetItem(axis, 1), sums).Broadcast(x.Dims);
        for (int i = 0; i < items.Length; i++)
        {
            int share = table.Divide(powers.Items[i], spread[i]);
            items[i] = isLog ? table.Apply("Log", share) : share;
        }
        return x with { Items = items };
    }

    /// <summary>The product of stacks of matrices [.., m, k] and [.., k, n].</summary>
    public Numbers MatMul(Numbers a, Numbers b, ImmutableArray<long> dims)
    {
        if (a.Dims.Length == 1) a = a with { Dims = [1, a.Dims[0]] };
        if (b.Dims.Length == 1) b = b with { Dims = [b.Dims[0], 1] };
        long m = a.Dims[^2], k = a.Dims[^1], n = b.Dims[^1];
        ImmutableArray<long> stack = [.. Enumerable.Range(1, Math.Max(a.Dims.Length, b.Dims.Length) - 2).Reverse().Select(i =>
            Math.Max(i + 2 <= a.Dims.Length ? a.Dims[^(i + 2)] : 1, i + 2 <= b.Dims.Length ? b.Dims[^(i + 2)] : 1))];
        int[] left = a.Broadcast([.. stack, m, k]), right = b.Broadcast([.. stack, k, n]);
        int[] items = new int[Numbers.Count(stack) * m * n];
        for (long i = 0; i < items.Length; i++)
        {
            long s = i / (m * n), row = i / n % m, column = i % n;
            int sum = NumberTable.Zero;
            for (long j = 0; j < k; j++) sum = table.Add(sum, table.Multiply(left[(s * m + row) * k + j], right[(s * k + j) * n + column]));
            items[i] = sum;
        }
        return new Numbers(dims, items);
    }

    /// <summary>A convolution with all attributes written out.</summary>
    public Numbers Convolve(Conv conv, Numbers x, Numbers w, Numbers? bias, ImmutableArray<long> dims)
    {
        int[] items = new int[Numbers.Count(dims)];
        long perGroup = dims[1] / conv.Group;
        for (int i = 0; i < items.Length; i++)
        {
            long[] place = Place(i, dims);
            int sum = bias is null ? NumberTable.Zero : bias.Items[place[1]];
            for (int j = 0; j < Numbers.Count(w.Dims) / w.Dims[0]; j++)
            {
                long[] tap = Place(j, w.Dims[1..]);
                long[] from = new long[x.Dims.Length];
                (from[0], from[1]) = (place[0], place[1] / perGroup * w.Dims[1] + tap[0]);
                for (int axis = 2; axis < from.Length; axis++)
                    from[axis] = place[axis] * conv.Strides[axis - 2] + tap[axis - 1] * conv.Dilations[axis - 2] - conv.Pads[axis - 2];
                if (At(x, from) is { } element)
                    sum = table.Add(sum, table.Multiply(element, w.Items[place[1] * (Numbers.Count(w.Dims) / w.Dims[0]) + j]));
            }
            items[i] = sum;
        }
        return new Numbers(dims, items);
    }

    /// <summary>The maximum or the mean over windows, with all attributes written out.</summary>
    public Numbers Pool(Numbers x, WindowPool pool, ImmutableArray<long> dims, bool isMean, bool countsPads)
    {
        int[] items = new int[Numbers.Count(dims)];
        ImmutableArray<long> window = [.. pool.KernelShape];
        for (int i = 0; i < items.Length; i++)
        {
            long[] place = Place(i, dims);
            var found = new List<int>();
            for (int j = 0; j < Numbers.Count(window); j++)
            {
                long[] tap = Place(j, window), from = [.. place];
                for (int axis = 2; axis < from.Length; axis++)
                    from[axis] = place[axis] * pool.Strides[axis - 2] + tap[axis - 2] * pool.Dilations[axis - 2] - pool.Pads[axis - 2];
                if (At(x, from) is { } element) found.Add(element);
            }
            items[i] = !isMean ? table.Max([.. found])
                : table.Multiply(Sum(found), table.Of(1.0 / (countsPads ? Numbers.Count(window) : found.Count)));
        }
        return new Numbers(dims, items);
    }

    /// <summary>The sum of numbers.</summary>
    public int Sum(IEnumerable<int> items) => items.Aggregate(NumberTable.Zero, table.Add);

    // The elements that are reduced into one, for each element of the result.
    private static List<List<int>> Groups(Numbers x, IReadOnlyCollection<int> axes)
    {
        var groups = new SortedDictionary<long, List<int>>();
        for (int i = 0; i < x.Items.Length; i++)
        {
            long[] place = Place(i, x.Dims);
            long at = 0;
            for (int axis = 0; axis < place.Length; axis++) at = axes.Contains(axis) ? at : at * x.Dims[axis] + place[axis];
            if (!groups.TryGetValue(at, out var group)) groups[at] = group = [];
            group.Add(x.Items[i]);
        }
        return [.. groups.Values];
    }

    private static long[] Place(int index, ImmutableArray<long> dims)
    {
        long[] place = new long[dims.Length];
        long rest = index;
        for (int axis = dims.Length - 1; axis >= 0; axis--) (place[axis], rest) = (rest % dims[axis], rest / dims[axis]);
        return place;
    }

    private static int? At(Numbers x, long[] place)
    {
        long at = 0;
        for (int axis = 0; axis < place.Length; axis++)
        {
            if (place[axis] < 0 || place[axis] >= x.Dims[axis]) return null;
            at = at * x.Dims[axis] + place[axis];
        }
        return x.Items[at];
    }
}
