using System.Collections.Immutable;

namespace Nncc.Passes.Rules.Proofs;

/// <summary>
/// Equality of numbers that are made with maxima: in each case of which argument is the greatest the numbers must be equal, or the case
/// must contradict itself.
/// </summary>
/// <param name="table">The numbers.</param>
/// <param name="tolerance">Where bounds that are equal but for the rounding of their constants leave a gap: how wide it may be.</param>
internal sealed class Cases(NumberTable table, double tolerance)
{
    private const int MostSplits = 8;

    /// <summary>Whether two numbers are proven equal.</summary>
    public bool AreEqual(int a, int b) => AreEqual(a, b, []);

    private bool AreEqual(int a, int b, ImmutableArray<int> positive)
    {
        if (a == b) return true;
        if (Contradicts(positive)) return true;
        if (positive.Length > 3 * MostSplits || (InnerMaximum(a) ?? InnerMaximum(b)) is not { } maximum) return false;
        var arguments = table.AtomOf(maximum).Arguments;
        foreach (int greatest in arguments)
        {
            var done = new Dictionary<int, int>();
            // The boundaries need no case of their own, since everything is continuous there.
            var conditions = positive.Select(p => table.Replace(p, maximum, greatest, done))
                .Concat(arguments.Where(o => o != greatest).Select(o => table.Subtract(greatest, o)));
            var (left, right) = (table.Replace(a, maximum, greatest, done), table.Replace(b, maximum, greatest, done));
            if (!AreEqual(left, right, [.. conditions])) return false;
        }
        return true;
    }

    // A maximum whose arguments hold none.
    private int? InnerMaximum(int number)
    {
        foreach (var (monomial, _) in table[number].Terms)
            foreach (var (factor, _) in monomial.Factors)
            {
                var atom = table.AtomOf(factor);
                foreach (int argument in atom.Arguments)
                    if (InnerMaximum(argument) is { } inner) return inner;
                if (atom.Function == Atom.Max) return factor;
            }
        return null;
    }

    // Whether no numbers make all of these positive: elimination by Fourier and Motzkin, with each monomial as an unknown.
    private bool Contradicts(ImmutableArray<int> positive)
    {
        var rows = positive.Select(p => table[p].Terms.ToDictionary(t => t.Monomial.Key, t => t.Coefficient, StringComparer.Ordinal))
            .ToList();
        while (true)
        {
            if (rows.Any(r => r.All(t => t.Key.Length == 0) && r.GetValueOrDefault("") <= tolerance)) return true;
            string? unknown = rows.SelectMany(r => r.Keys).Where(k => k.Length > 0).Order(StringComparer.Ordinal).FirstOrDefault();
            if (unknown is null) return false;
            var without = rows.Where(r => !r.ContainsKey(unknown)).ToList();
            var above = rows.Where(r => r.GetValueOrDefault(unknown) > 0).ToList();
            var below = rows.Where(r => r.GetValueOrDefault(unknown) < 0).ToList();
            if (without.Count + above.Count * below.Count > 200) return false;
            rows = [.. without, .. above.SelectMany(u => below.Select(l => Sum(u, -l[unknown], l, u[unknown])))];
        }
    }

    private static Dictionary<string, double> Sum(Dictionary<string, double> a, double x, Dictionary<string, double> b, double y)
    {
        var sum = a.ToDictionary(t => t.Key, t => t.Value * x, StringComparer.Ordinal);
        foreach (var (key, value) in b) sum[key] = sum.GetValueOrDefault(key) + value * y;
        return sum.Where(t => Math.Abs(t.Value) > 1e-9).ToDictionary(StringComparer.Ordinal);
    }
}
