namespace Nncc.IR;

/// <summary>An unknown of a <see cref="Dim"/>: a symbol, or a quotient or extreme that the polynomial cannot express.</summary>
internal abstract class DimAtom : IEquatable<DimAtom>
{
    private string? text;

    /// <summary>Text, and identity: atoms with the same text are the same unknown.</summary>
    public string Text => text ??= Print();

    public abstract Interval Bounds { get; }

    public abstract void AddSymbols(SortedSet<string> names);

    /// <summary>Meets the bounds of each symbol inside with those in the table.</summary>
    public abstract void AddBounds(SortedDictionary<string, Interval> bounds);

    public abstract Dim Substitute(IReadOnlyDictionary<string, Dim> map);

    protected abstract string Print();

    public bool Equals(DimAtom? other) => other is not null && Text == other.Text;

    public override bool Equals(object? obj) => Equals(obj as DimAtom);

    public override int GetHashCode() => string.GetHashCode(Text, StringComparison.Ordinal);
}

internal sealed class DimSymbol(string name, long min, long max) : DimAtom
{
    public string Name { get; } = name;

    public override Interval Bounds => new(min, max);

    public override void AddSymbols(SortedSet<string> names) => names.Add(Name);

    public override void AddBounds(SortedDictionary<string, Interval> bounds)
    {
        var known = bounds.GetValueOrDefault(Name, Interval.Everything);
        bounds[Name] = new(Math.Max(min, known.Min), Math.Min(max, known.Max));
    }

    public override Dim Substitute(IReadOnlyDictionary<string, Dim> map) =>
        map.TryGetValue(Name, out var value) ? value : Dim.FromAtom(this);

    protected override string Print() => DimParser.Quote(Name);
}

internal sealed class DimFloorDiv(Dim numerator, Dim denominator) : DimAtom
{
    public Dim Numerator { get; } = numerator;

    public Dim Denominator { get; } = denominator;

    public override Interval Bounds
    {
        get
        {
            var (nmin, nmax) = Numerator.Bounds;
            var (dmin, dmax) = Denominator.Bounds;
            if (dmin <= 0) return Interval.Everything;
            return new Interval(Math.Min(Div(nmin, dmin), Div(nmin, dmax)), Math.Max(Div(nmax, dmin), Div(nmax, dmax)));

            static long Div(long n, long d) => n is long.MaxValue or long.MinValue ? n : Dim.FloorDiv(n, d);
        }
    }

    public override void AddSymbols(SortedSet<string> names)
    {
        names.UnionWith(Numerator.Symbols);
        names.UnionWith(Denominator.Symbols);
    }

    public override void AddBounds(SortedDictionary<string, Interval> bounds)
    {
        Numerator.AddBounds(bounds);
        Denominator.AddBounds(bounds);
    }

    public override Dim Substitute(IReadOnlyDictionary<string, Dim> map) =>
        Dim.FloorDiv(Numerator.Substitute(map), Denominator.Substitute(map));

    protected override string Print() => $"floordiv({Numerator},{Denominator})";
}

internal sealed class DimExtreme(Dim a, Dim b, bool maximum) : DimAtom
{
    public override Interval Bounds
    {
        get
        {
            var (amin, amax) = a.Bounds;
            var (bmin, bmax) = b.Bounds;
            return maximum
                ? new Interval(Math.Max(amin, bmin), Math.Max(amax, bmax))
                : new Interval(Math.Min(amin, bmin), Math.Min(amax, bmax));
        }
    }

    public override void AddSymbols(SortedSet<string> names)
    {
        names.UnionWith(a.Symbols);
        names.UnionWith(b.Symbols);
    }

    public override void AddBounds(SortedDictionary<string, Interval> bounds)
    {
        a.AddBounds(bounds);
        b.AddBounds(bounds);
    }

    public override Dim Substitute(IReadOnlyDictionary<string, Dim> map) => maximum
        ? Dim.Max(a.Substitute(map), b.Substitute(map))
        : Dim.Min(a.Substitute(map), b.Substitute(map));

    protected override string Print() => $"{(maximum ? "max" : "min")}({a},{b})";
}

/// <summary>A closed range of integers; the ends saturate at the ends of 64 bits, which stand for infinity.</summary>
internal readonly record struct Interval(long Min, long Max)
{
    public static Interval Everything => new(long.MinValue, long.MaxValue);

    public static Interval operator +(Interval a, Interval b) =>
        new(Saturate((Int128)a.Min + b.Min), Saturate((Int128)a.Max + b.Max));

    public static Interval operator *(Interval a, Interval b)
    {
        Int128 w = (Int128)a.Min * b.Min, x = (Int128)a.Min * b.Max, y = (Int128)a.Max * b.Min, z = (Int128)a.Max * b.Max;
        return new(Saturate(Int128.Min(Int128.Min(w, x), Int128.Min(y, z))), Saturate(Int128.Max(Int128.Max(w, x), Int128.Max(y, z))));
    }

    private static long Saturate(Int128 value) =>
        value > long.MaxValue ? long.MaxValue : value < long.MinValue ? long.MinValue : (long)value;
}
