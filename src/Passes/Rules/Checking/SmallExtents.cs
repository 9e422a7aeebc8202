using System.Collections.Immutable;
using Nncc.Passes.Rules.Testing;

namespace Nncc.Passes.Rules.Checking;

/// <summary>
/// Searches the extents at which a fragment is small and the rule still fits: from the greatest number on, each is tried as a small one,
/// in products with it too (3136 = 56 x 56 beside 56), and stays where no small number does.
/// </summary>
/// <param name="fragment">The fragment.</param>
/// <param name="fits">Whether the rule fits an instance.</param>
internal sealed class SmallExtents(ApplicationFragment fragment, Func<RuleInstance, bool> fits)
{
    private const long Small = 8;

    // Even numbers for even ones, since halves and groups must stay whole.
    private static readonly long[] Even = [4, 6, 8, 12, 64, 1024, 16384], Odd = [5, 3, 7, 9, 15, 63, 1023, 16383];

    /// <summary>The smallest instance that was found; null where even the real extents give none.</summary>
    /// <param name="isEnough">Whether an instance needs not to be smaller.</param>
    public RuleInstance? Find(Func<RuleInstance, bool> isEnough)
    {
        if (fragment.Numbers() is not { } numbers) return null;
        var map = new SortedDictionary<long, long>();
        var best = Try(map);
        if (best is null || isEnough(best)) return best;
        foreach (long number in numbers.Where(n => n > Small))
        {
            if (map.ContainsKey(number)) continue;
            foreach (var candidate in Candidates(number, numbers, map))
                if (Try(candidate) is { } smaller)
                {
                    (map, best) = (candidate, smaller);
                    break;
                }
            if (isEnough(best)) break;
        }
        return best;
    }

    private RuleInstance? Try(SortedDictionary<long, long> map) => fragment.Make(map) is { } made && fits(made) ? made : null;

    private static IEnumerable<SortedDictionary<long, long>> Candidates(long number, ImmutableArray<long> numbers,
        SortedDictionary<long, long> map)
    {
        foreach (long small in number % 2 == 0 ? Even : Odd)
        {
            if (small >= number || map.ContainsValue(small)) continue;
            yield return new SortedDictionary<long, long>(map) { [number] = small };
            var products = new SortedDictionary<long, long>(map);
            foreach (long other in numbers)
                if (other % number == 0) products[other] = Scaled(other, number, small);
            if (products.Count > map.Count + 1) yield return products;
        }
    }

    // As often as the number divides it.
    private static long Scaled(long product, long number, long small) =>
        product != 0 && product % number == 0 ? small * Scaled(product / number, number, small) : product;
}
