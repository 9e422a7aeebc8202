using System.Collections.Immutable;

namespace Nncc.Passes.Rules;

// Lists and permutations.
public sealed partial class RuleFunctions
{
    private const int MostItems = 4096;

    private static IEnumerable<RuleFunction> OfLists =>
    [
        new("ints", "c", "the elements of an integer constant, or of a value known as sizes", c => c.Integers(0) is { } list
            ? RuleValues.List(list) : c.Failure),
        new("length", "list", "number of items", c => c.List(0) is { } list ? Dim.Of(list.Length) : c.Failure),
        new("at", "list index", "an item, which may count from the end", c => c.List(0) is { } list && c.Int(1) is { } index
            ? Axis(index, list.Length) is { } i ? list[i] : c.Because($"the list has no item {index}") : c.Failure),
        new("take", "list count", "the first items", c => c.List(0) is { } list && c.Int(1) is { } n && n >= 0
            ? list[..Math.Min(n, list.Length)] : c.Failure),
        new("drop", "list count", "all but the first items", c => c.List(0) is { } list && c.Int(1) is { } n && n >= 0
            ? list[Math.Min(n, list.Length)..] : c.Failure),
        new("join", "lists...", "one list after another", c => Enumerable.Range(0, c.Arguments.Length).Select(c.List).ToList() is var lists
            && lists.All(l => l is not null)
            ? lists.Sum(l => (long)l!.Value.Length) > MostItems ? c.Because($"a list has at most {MostItems} items")
                : lists.SelectMany(l => l!.Value).ToImmutableArray() : c.Failure),
        new("all-items", "list value", "whether all items are equal to that", c => c.List(0) is { } list
            ? list.All(i => RuleValues.AreEqual(i, c.Arguments[1]) == Answer.Yes) : c.Failure),
        new("compose", "q p", "the permutation of a transpose by q followed by one by p: item i is q[p[i]]", c => c.Longs(0) is { } q
            && c.Longs(1) is { } p ? q.Length == p.Length && p.All(i => i >= 0 && i < q.Length) ? Numbers(p.Select(i => q[i]))
                : c.Because("they are no permutations of one length")
                : c.Failure),
        new("swap-last", "p", "the permutation p followed by a swap of the last two axes", c => c.Longs(0) is { Length: > 1 } p
            ? Numbers([.. p[..^2], p[^1], p[^2]]) : c.Failure),
        new("inverse", "p", "the permutation that undoes p", c => c.Longs(0) is { } p
            ? Numbers(Enumerable.Range(0, p.Length).Select(i => (long)Array.IndexOf(p, i))) : c.Failure),
        new("is-identity", "p", "whether a permutation keeps each axis", c => c.Longs(0) is { } p
            ? !p.Where((axis, i) => axis != i).Any() : c.Failure),
        new("permuted", "list p", "item i is item p[i] of the list", c => c.List(0) is { } list && c.Longs(1) is { } p
            ? p.All(i => i >= 0 && i < list.Length) ? p.Select(i => list[(int)i]).ToImmutableArray() : c.Because("it does not fit")
                : c.Failure),
        new("moves-only-ones", "shape p", "whether a permutation leaves the order of all axes that are not of size 1", c =>
            c.Integers(0) is { } s
            && c.Longs(1) is { } p && p.Length == s.Length && p.All(i => i >= 0 && i < s.Length)
                ? p.Where(i => s[(int)i].Value != 1).ToArray() is var rest
            && rest.SequenceEqual(rest.Order()) : c.Failure),
        new("repeat", "value count", "a list of equal items", c => c.Int(1) is { } n && n is >= 0 and < 1024
            ? Enumerable.Repeat(c.Arguments[0], n).ToImmutableArray() : c.Failure),
        new("range", "from to", "integers from one up to, without, another", c => c.Int(0) is { } a && c.Int(1) is { } b && b - a < 1024
            ? Numbers(Enumerable.Range(a, Math.Max(0, b - a)).Select(i => (long)i)) : c.Failure),
        new("contains", "list value", "whether an item is equal to that", c => c.List(0) is { } list
            ? list.Any(i => RuleValues.AreEqual(i, c.Arguments[1]) == Answer.Yes) : c.Failure),
    ];

    private static ImmutableArray<object?> Numbers(IEnumerable<long> items) => RuleValues.List(items.Select(Dim.Of));
}
