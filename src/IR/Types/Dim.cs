using System.Collections.Immutable;
using System.Text;

namespace Nncc.IR;

/// <summary>
/// A size: an integer polynomial over symbols, with floor division, minimum and maximum as further unknowns, kept in a
/// normal form, so that equal polynomials are equal objects. Modulo and ceiling division are written by floor division.
/// Arithmetic is exact; a coefficient beyond 64 bits throws <see cref="OverflowException"/>.
/// </summary>
public sealed class Dim : IEquatable<Dim>, IComparable<Dim>
{
    private static readonly Dim[] Small = [.. Enumerable.Range(0, 1025).Select(n => new Dim(ImmutableArray<Term>.Empty, n))];

    private readonly ImmutableArray<Term> terms;
    private readonly long constant;
    private string? text;

    private Dim(ImmutableArray<Term> terms, long constant) => (this.terms, this.constant) = (terms, constant);

    /// <summary>A product of unknowns (ordered, repeated for powers) with its coefficient, never zero.</summary>
    internal readonly record struct Term(ImmutableArray<DimAtom> Atoms, long Coefficient)
    {
        public string Key => string.Join("*", Atoms.Select(a => a.Text));
    }

    /// <summary>The constant <paramref name="value"/>.</summary>
    public static Dim Of(long value) => value is >= 0 and <= 1024 ? Small[value] : new Dim([], value);

    /// <summary>The constant <paramref name="value"/>.</summary>
    public static implicit operator Dim(long value) => Of(value);

    /// <summary>A named unknown size within [min, max]. Two symbols are the same if their names are.</summary>
    public static Dim Symbol(string name, long min = 0, long max = long.MaxValue) => FromAtom(new DimSymbol(name, min, max));

    /// <summary>The value, if there is no unknown in it.</summary>
    public long? Value => terms.IsEmpty ? constant : null;

    /// <summary>Whether this is a plain number.</summary>
    public bool IsConstant => terms.IsEmpty;

    /// <summary>The name, if this is a single symbol.</summary>
    public string? SymbolName =>
        constant == 0 && terms is [{ Coefficient: 1, Atoms: [DimSymbol symbol] }] ? symbol.Name : null;

    /// <summary>All symbol names, each once, ordered.</summary>
    public IReadOnlyCollection<string> Symbols
    {
        get
        {
            if (terms.IsEmpty) return [];
            var names = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var term in terms)
                foreach (var atom in term.Atoms) atom.AddSymbols(names);
            return names;
        }
    }

    /// <summary>Sum.</summary>
    public static Dim operator +(Dim a, Dim b)
    {
        if (a.terms.IsEmpty && b.terms.IsEmpty) return Of(checked(a.constant + b.constant));
        return Combine(a.terms.Concat(b.terms), checked(a.constant + b.constant));
    }

    /// <summary>Negation.</summary>
    public static Dim operator -(Dim a) => a.terms.IsEmpty ? Of(checked(-a.constant)) : a * Of(-1);

    /// <summary>Difference.</summary>
    public static Dim operator -(Dim a, Dim b) =>
        a.terms.IsEmpty && b.terms.IsEmpty ? Of(checked(a.constant - b.constant)) : a + -b;

    /// <summary>Product.</summary>
    public static Dim operator *(Dim a, Dim b)
    {
        if (a.terms.IsEmpty && b.terms.IsEmpty) return Of(checked(a.constant * b.constant));
        var products = new List<Term>();
        foreach (var x in a.AllTerms())
            foreach (var y in b.AllTerms())
                products.Add(new Term([.. x.Atoms.Concat(y.Atoms).OrderBy(atom => atom.Text, StringComparer.Ordinal)],
                    checked(x.Coefficient * y.Coefficient)));
        return Combine(products, 0);
    }

    /// <summary>Floor of a / b. A divisor that is the constant zero throws <see cref="DivideByZeroException"/>.</summary>
    public static Dim FloorDiv(Dim a, Dim b)
    {
        if (b.Value == 0) throw new DivideByZeroException();
        if (a.Value is { } n && b.Value is { } d) return Of(FloorDiv(n, d));
        if (b.Value == 1) return a;
        if (a.Equals(b)) return Of(1);
        if (b.Value is { } divisor && divisor > 0) return FloorDivByConstant(a, divisor);
        if (b.terms is [var by] && b.constant == 0 && a.DivideExactly(by) is { } quotient) return quotient;
        var unknown = new DimFloorDiv(a, b);
        return unknown.Bounds is var (min, max) && min == max && min is not (long.MinValue or long.MaxValue) ? Of(min) : FromAtom(unknown);
    }

    /// <summary>Ceiling of a / b.</summary>
    public static Dim CeilDiv(Dim a, Dim b) => b.Value > 0 ? FloorDiv(a + b - 1, b) : -FloorDiv(-a, b);

    /// <summary>a - b * floor(a / b): has the sign of b.</summary>
    public static Dim Mod(Dim a, Dim b) => a - b * FloorDiv(a, b);

    /// <summary>The smaller one.</summary>
    public static Dim Min(Dim a, Dim b) => Extreme(a, b, maximum: false);

    /// <summary>The larger one.</summary>
    public static Dim Max(Dim a, Dim b) => Extreme(a, b, maximum: true);

    /// <summary>Product of all; 1 for none.</summary>
    public static Dim Product(IEnumerable<Dim> dims) => dims.Aggregate(Of(1), (a, b) => a * b);

    /// <summary>The least and the greatest value that the bounds of the symbols allow (saturated at 64 bits).</summary>
    public (long Min, long Max) Bounds
    {
        get
        {
            var sum = new Interval(constant, constant);
            foreach (var term in terms)
            {
                var product = new Interval(term.Coefficient, term.Coefficient);
                foreach (var atom in term.Atoms) product *= atom.Bounds;
                sum += product;
            }
            return (sum.Min, sum.Max);
        }
    }

    /// <summary>Whether a and b are equal for all values of the symbols, for none, or neither is proven.</summary>
    public static Answer AreEqual(Dim a, Dim b)
    {
        if (a.Equals(b)) return Answer.Yes;
        if (a.IsConstant && b.IsConstant) return Answer.No;
        var (min, max) = (a - b).Bounds;
        return min > 0 || max < 0 ? Answer.No : Answer.Unknown;
    }

    /// <summary>Whether a ≤ b for all values of the symbols, for none, or neither is proven.</summary>
    public static Answer IsAtMost(Dim a, Dim b)
    {
        var (min, max) = (b - a).Bounds;
        return min >= 0 ? Answer.Yes : max < 0 ? Answer.No : Answer.Unknown;
    }

    /// <summary>This with symbols replaced; symbols that the map does not know stay.</summary>
    public Dim Substitute(IReadOnlyDictionary<string, Dim> map)
    {
        if (terms.IsEmpty) return this;
        var sum = Of(constant);
        foreach (var term in terms)
            sum += term.Atoms.Aggregate(Of(term.Coefficient), (product, atom) => product * atom.Substitute(map));
        return sum;
    }

    /// <summary>Meets the bounds of each symbol with those in the table.</summary>
    internal void AddBounds(SortedDictionary<string, Interval> bounds)
    {
        foreach (var term in terms)
            foreach (var atom in term.Atoms) atom.AddBounds(bounds);
    }

    /// <summary>Number of products of unknowns.</summary>
    internal int TermCount => terms.Length;

    /// <summary>The unknown as a size.</summary>
    internal static Dim FromAtom(DimAtom atom) => new([new Term([atom], 1)], 0);

    /// <summary>Remainder of the floor division of numbers; has the sign of b.</summary>
    public static long Modulo(long a, long b) => a - b * FloorDiv(a, b);

    /// <summary>Floor division of numbers, towards minus infinity.</summary>
    public static long FloorDiv(long a, long b)
    {
        long quotient = a / b;
        return (a % b != 0 && (a < 0) != (b < 0)) ? quotient - 1 : quotient;
    }

    /// <inheritdoc/>
    public bool Equals(Dim? other) =>
        other is not null && (ReferenceEquals(this, other)
            || (constant == other.constant && terms.Length == other.terms.Length && (terms.IsEmpty || ToString() == other.ToString())));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Dim);

    /// <inheritdoc/>
    public override int GetHashCode() => terms.IsEmpty ? constant.GetHashCode() : string.GetHashCode(ToString(), StringComparison.Ordinal);

    /// <summary>Orders by text: a fixed order without meaning.</summary>
    public int CompareTo(Dim? other) => string.CompareOrdinal(ToString(), other?.ToString());

    /// <summary>The text that <see cref="DimParser"/> reads back.</summary>
    public override string ToString() => text ??= Print();

    private string Print()
    {
        if (terms.IsEmpty) return constant.ToString();
        var b = new StringBuilder();
        foreach (var term in terms)
        {
            if (b.Length > 0) b.Append(term.Coefficient < 0 ? '-' : '+');
            else if (term.Coefficient < 0) b.Append('-');
            var magnitude = term.Coefficient < 0 ? -(Int128)term.Coefficient : term.Coefficient;
            if (magnitude != 1) b.Append(magnitude).Append('*');
            b.Append(term.Key);
        }
        if (constant != 0) b.Append(constant > 0 ? "+" : "").Append(constant);
        return b.ToString();
    }

    private IEnumerable<Term> AllTerms() => constant == 0 ? terms : terms.Append(new Term([], constant));

    private static Dim Combine(IEnumerable<Term> all, long constant)
    {
        var sums = new SortedDictionary<string, Term>(StringComparer.Ordinal);
        foreach (var term in all)
        {
            if (term.Atoms.IsEmpty) { constant = checked(constant + term.Coefficient); continue; }
            sums[term.Key] = sums.TryGetValue(term.Key, out var sum)
                ? sum with { Coefficient = checked(sum.Coefficient + term.Coefficient) } : term;
        }
        var kept = sums.Values.Where(t => t.Coefficient != 0).ToImmutableArray();
        return kept.IsEmpty ? Of(constant) : new Dim(kept, constant);
    }

    // floor((q*b + r) / b) = q + floor(r / b): every coefficient is split, so that equal quotients look equal.
    private static Dim FloorDivByConstant(Dim a, long b)
    {
        var whole = Combine(a.terms.Select(t => t with { Coefficient = FloorDiv(t.Coefficient, b) }).Where(t => t.Coefficient != 0),
            FloorDiv(a.constant, b));
        var rest = a - whole * b;
        var (min, max) = rest.Bounds;
        if (min >= 0 && max < b) return whole;
        if (rest is { constant: 0, terms: [{ Coefficient: 1, Atoms: [DimFloorDiv { Denominator.Value: > 0 } inner] }] })
            return whole + FloorDiv(inner.Numerator, inner.Denominator * b); // floor(floor(x/c)/b) = floor(x/(c*b))
        return whole + FromAtom(new DimFloorDiv(rest, b));
    }

    // The quotient by one monomial, where each term holds it as a factor.
    private Dim? DivideExactly(Term by)
    {
        var quotients = new List<Term>();
        foreach (var term in AllTerms())
        {
            var atoms = term.Atoms.ToList();
            foreach (var atom in by.Atoms)
                if (!atoms.Remove(atom)) return null;
            if (term.Coefficient % by.Coefficient != 0) return null;
            quotients.Add(new Term([.. atoms], term.Coefficient / by.Coefficient));
        }
        return Combine(quotients, 0);
    }

    private static Dim Extreme(Dim a, Dim b, bool maximum)
    {
        if (a.Equals(b)) return a;
        var (min, max) = (a - b).Bounds;
        if (min == 0 && max == 0) return a.CompareTo(b) < 0 ? a : b; // equal, though not the same polynomial
        if (min >= 0) return maximum ? a : b;
        if (max <= 0) return maximum ? b : a;
        return FromAtom(a.CompareTo(b) < 0 ? new DimExtreme(a, b, maximum) : new DimExtreme(b, a, maximum));
    }
}
