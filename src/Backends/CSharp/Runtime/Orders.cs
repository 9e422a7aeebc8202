using System.Numerics;

namespace Nncc.Backends.CSharp.Runtime;

/// <summary>
/// The best elements and running sums along an axis; x is [outer, size, inner]. Among the best, NaN counts as greater than all numbers.
/// </summary>
internal static unsafe class Orders
{
    /// <summary>
    /// The place of NaN, or else of the greatest element of each line; of equal ones the first, or with <paramref name="last"/> 1 the last.
    /// </summary>
    public static void ArgMax<T>(long* to, T* x, nint outer, nint size, nint inner, int last) where T : unmanaged, INumber<T> =>
        ArgBest(to, x, outer, size, inner, 1, last);

    /// <summary>As <see cref="ArgMax"/>, of the least element.</summary>
    public static void ArgMin<T>(long* to, T* x, nint outer, nint size, nint inner, int last) where T : unmanaged, INumber<T> =>
        ArgBest(to, x, outer, size, inner, -1, last);

    /// <summary>The best elements of each line with their places, best first; of equal ones the earlier first.</summary>
    /// <param name="values">The elements: [outer, count, inner].</param>
    /// <param name="places">Their places, alike.</param>
    /// <param name="x">The data.</param>
    /// <param name="heap">Memory for <paramref name="count"/> places.</param>
    /// <param name="outer">Product of the sizes before the axis.</param>
    /// <param name="size">Size of the axis.</param>
    /// <param name="inner">Product of the sizes behind the axis.</param>
    /// <param name="count">How many.</param>
    /// <param name="direction">1 for the greatest, -1 for the least.</param>
    public static void TopK<T>(T* values, long* places, T* x, long* heap, nint outer, nint size, nint inner, nint count, int direction)
        where T : unmanaged, INumber<T>
    {
        if (count == 0) return;
        for (nint i = 0; i < outer; i++)
            for (nint j = 0; j < inner; j++)
            {
                var line = x + i * size * inner + j;
                // The worst of the chosen is at the root.
                for (nint k = 0; k < count; k++) heap[k] = k;
                for (nint root = count / 2 - 1; root >= 0; root--) Sift(heap, root, count, line, inner, direction);
                for (nint k = count; k < size; k++)
                {
                    if (!IsBefore(k, heap[0], line, inner, direction)) continue;
                    heap[0] = k;
                    Sift(heap, 0, count, line, inner, direction);
                }
                for (nint end = count - 1; end > 0; end--)
                {
                    (heap[0], heap[end]) = (heap[end], heap[0]);
                    Sift(heap, 0, end, line, inner, direction);
                }
                for (nint k = 0; k < count; k++)
                {
                    values[(i * count + k) * inner + j] = line[(nint)heap[k] * inner];
                    places[(i * count + k) * inner + j] = heap[k];
                }
            }
    }

    /// <summary>Running sums; floats are summed in binary64.</summary>
    /// <param name="to">The sums.</param>
    /// <param name="x">The data.</param>
    /// <param name="outer">Product of the sizes before the axis.</param>
    /// <param name="size">Size of the axis.</param>
    /// <param name="inner">Product of the sizes behind the axis.</param>
    /// <param name="exclusive">1 where an element counts from the next place on only.</param>
    /// <param name="reverse">1 where the fold runs from the end.</param>
    public static void CumSum<T>(T* to, T* x, nint outer, nint size, nint inner, int exclusive, int reverse) where T : unmanaged, INumber<T>
    {
        if (typeof(T) == typeof(float)) Fold<T, double>(to, x, outer, size, inner, exclusive, reverse, false);
        else Fold<T, T>(to, x, outer, size, inner, exclusive, reverse, false);
    }

    /// <summary>Running products, as <see cref="CumSum"/>.</summary>
    public static void CumProd<T>(T* to, T* x, nint outer, nint size, nint inner, int exclusive, int reverse) where T : unmanaged,
        INumber<T>
    {
        if (typeof(T) == typeof(float)) Fold<T, double>(to, x, outer, size, inner, exclusive, reverse, true);
        else Fold<T, T>(to, x, outer, size, inner, exclusive, reverse, true);
    }

    private static void ArgBest<T>(long* to, T* x, nint outer, nint size, nint inner, int direction, int last) where T : unmanaged,
        INumber<T>
    {
        for (nint i = 0; i < outer; i++, x += size * inner)
            for (nint j = 0; j < inner; j++)
            {
                nint best = 0;
                for (nint k = 1; k < size; k++)
                {
                    int order = CompareOrNaN(x[k * inner + j], x[best * inner + j], direction);
                    if (order > 0 || (order == 0 && last != 0)) best = k;
                }
                *to++ = best;
            }
    }

    private static void Fold<T, TSum>(T* to, T* x, nint outer, nint size, nint inner, int exclusive, int reverse, bool multiplies)
        where T : unmanaged, INumber<T> where TSum : unmanaged, INumber<TSum>
    {
        for (nint i = 0; i < outer; i++, to += size * inner, x += size * inner)
            for (nint j = 0; j < inner; j++)
            {
                var folded = multiplies ? TSum.One : TSum.Zero;
                for (nint k = 0; k < size; k++)
                {
                    nint at = (reverse != 0 ? size - 1 - k : k) * inner + j;
                    var item = TSum.CreateTruncating(x[at]);
                    var next = multiplies ? folded * item : folded + item;
                    to[at] = T.CreateTruncating(exclusive != 0 ? folded : next);
                    folded = next;
                }
            }
    }

    private static void Sift<T>(long* heap, nint root, nint count, T* line, nint inner, int direction) where T : unmanaged, INumber<T>
    {
        for (nint child; (child = 2 * root + 1) < count; root = child)
        {
            if (child + 1 < count && IsBefore(heap[child], heap[child + 1], line, inner, direction)) child++;
            if (!IsBefore(heap[root], heap[child], line, inner, direction)) return;
            (heap[root], heap[child]) = (heap[child], heap[root]);
        }
    }

    private static bool IsBefore<T>(long a, long b, T* line, nint inner, int direction) where T : unmanaged, INumber<T>
    {
        int order = Compare(line[(nint)a * inner], line[(nint)b * inner]) * direction;
        return order > 0 || (order == 0 && a < b);
    }

    // NaN is better than all numbers.
    private static int CompareOrNaN<T>(T a, T b, int direction) where T : unmanaged, INumber<T> =>
        T.IsNaN(a) || T.IsNaN(b) ? Compare(a, b) : Compare(a, b) * direction;

    private static int Compare<T>(T a, T b) where T : unmanaged, INumber<T> =>
        a > b ? 1 : a < b ? -1 : T.IsNaN(a) ? (T.IsNaN(b) ? 0 : 1) : T.IsNaN(b) ? -1 : 0;
}
