using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Nncc.Passes.Rules.Proofs;

/// <summary>A product of powers of atoms.</summary>
/// <param name="Factors">Atoms, ascending, with exponents that are not 0.</param>
internal readonly record struct Monomial(ImmutableArray<(int Atom, int Power)> Factors)
{
    public static Monomial One { get; } = new([]);

    public static Monomial operator *(Monomial a, Monomial b)
    {
        if (a.Factors.IsEmpty) return b;
        if (b.Factors.IsEmpty) return a;
        var factors = new SortedDictionary<int, int>();
        foreach (var (atom, power) in a.Factors.Concat(b.Factors)) factors[atom] = factors.GetValueOrDefault(atom) + power;
        return new([.. factors.Where(f => f.Value != 0).Select(f => (f.Key, f.Value))]);
    }

    public Monomial Inverse => new([.. Factors.Select(f => (f.Atom, -f.Power))]);

    public string Key => string.Join('*', Factors.Select(f => f.Power == 1 ? $"{f.Atom}" : $"{f.Atom}^{f.Power}"));
}

/// <summary>A sum of monomials with coefficients, in one order.</summary>
/// <param name="Terms">By the keys of the monomials; no coefficient is 0.</param>
internal sealed record Polynomial(ImmutableArray<(Monomial Monomial, double Coefficient)> Terms)
{
    /// <summary>The number where there is nothing else; null otherwise.</summary>
    public double? Value => Terms.IsEmpty ? 0 : Terms is [{ Monomial.Factors.IsEmpty: true } only] ? only.Coefficient : null;

    /// <summary>The only term; null where there are none or several.</summary>
    public (Monomial Monomial, double Coefficient)? Single => Terms is [var only] ? only : null;

    /// <summary>The atom where it is that and nothing else; -1 otherwise.</summary>
    public int Atom => Terms is [{ Coefficient: 1, Monomial.Factors: [(var atom, 1)] }] ? atom : -1;

    /// <summary>The sum of terms; what cancels to so many digits is gone.</summary>
    public static Polynomial Of(IEnumerable<(Monomial Monomial, double Coefficient)> terms, int digits)
    {
        var sums = new SortedDictionary<string, (Monomial Monomial, double Sum, double Greatest)>(StringComparer.Ordinal);
        foreach (var (monomial, coefficient) in terms)
        {
            string key = monomial.Key;
            var (_, sum, greatest) = sums.GetValueOrDefault(key);
            sums[key] = (monomial, sum + coefficient, Math.Max(greatest, Math.Abs(coefficient)));
        }
        double tolerance = digits == 6 ? 1e-6 : 1e-12;
        return new([.. sums.Values.Where(s => Math.Abs(s.Sum) > tolerance * s.Greatest).Select(s => (s.Monomial, s.Sum))]);
    }

    /// <summary>The same text for the same polynomial to so many digits.</summary>
    public string Key(int digits)
    {
        var text = new StringBuilder();
        foreach (var (monomial, coefficient) in Terms)
            text.Append(coefficient.ToString($"G{digits}", CultureInfo.InvariantCulture)).Append('*').Append(monomial.Key).Append('+');
        return text.ToString();
    }
}
