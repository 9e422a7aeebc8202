using System.Collections.Immutable;
using System.Globalization;

namespace Nncc.Passes.Rules.Proofs;

/// <summary>Something that polynomials treat as a variable.</summary>
/// <param name="Function">Its name: of a variable, or of a function.</param>
/// <param name="Arguments">The arguments of the function.</param>
internal sealed record Atom(string Function, ImmutableArray<int> Arguments)
{
    /// <summary>The greatest of the arguments.</summary>
    public const string Max = "max";

    public const string Sqrt = "sqrt", Exp = "exp", Inverse = "inverse";
}

/// <summary>
/// Real numbers as polynomials over atoms, with negative powers; each number once, so that equal ones have equal ids. Equality of ids
/// is proof of equality; other ids prove nothing.
/// </summary>
/// <param name="digits">Digits of coefficients that count.</param>
internal sealed class NumberTable(int digits)
{
    private const int MostTerms = 4000;

    private readonly List<Polynomial> numbers = [new([])];
    private readonly Dictionary<string, int> ids = new(StringComparer.Ordinal) { [""] = Zero };
    private readonly List<Atom> atoms = [];
    private readonly Dictionary<string, int> atomIds = new(StringComparer.Ordinal);
    private readonly Dictionary<(char, int, int), int> known = [];

    /// <summary>The number 0; a fresh tensor of ids is all zeros.</summary>
    public const int Zero = 0;

    public Polynomial this[int number] => numbers[number];

    public Atom AtomOf(int atom) => atoms[atom];

    public int Of(double value) => value == 0 ? Zero : KeepWhole(new([(Monomial.One, value)]));

    public int Add(int a, int b) => a == Zero ? b : b == Zero ? a
        : Known('+', a, b, () => Keep(numbers[a].Terms.Concat(numbers[b].Terms)));

    public int Negate(int a) => Multiply(Of(-1), a);

    public int Subtract(int a, int b) => Add(a, Negate(b));

    public int Multiply(int a, int b) => a == Zero || b == Zero ? Zero : Known('*', a, b, () =>
    {
        if ((long)numbers[a].Terms.Length * numbers[b].Terms.Length > MostTerms) throw TooLarge();
        int result = Keep(numbers[a].Terms.SelectMany(x => numbers[b].Terms.Select(y => (x.Monomial * y.Monomial,
            x.Coefficient * y.Coefficient))));
        return WithoutSquaredRoots(result);
    });

    public int Power(int a, int power)
    {
        if (power < 0) return Power(Inverse(a), -power);
        int result = Of(1);
        for (int i = 0; i < power; i++) result = Multiply(result, a);
        return result;
    }

    /// <summary>1 / a. The reciprocal of a sum is an atom; what all its terms have in common is taken out before.</summary>
    public int Inverse(int a)
    {
        if (a == Zero) throw new UndecidedException("it divides by 0");
        if (numbers[a].Single is { } single) return WithoutSquaredRoots(Keep([(single.Monomial.Inverse, 1 / single.Coefficient)]));
        var (common, factor) = Common(numbers[a]);
        var rest = Keep(numbers[a].Terms.Select(t => (t.Monomial * common.Inverse, t.Coefficient / factor)));
        return Keep([(common.Inverse * new Monomial([(AtomId(Atom.Inverse, rest), 1)]), 1 / factor)]);
    }

    public int Divide(int a, int b) => a == b && a != Zero ? Of(1) : Multiply(a, Inverse(b));

    public int Sqrt(int a) => numbers[a].Value is >= 0 and var value ? Of(Math.Sqrt(value)) : Apply(Atom.Sqrt, a);

    /// <summary>e to the a: a product of one power for each term of a.</summary>
    public int Exp(int a)
    {
        int result = Of(1);
        foreach (var (monomial, coefficient) in numbers[a].Terms)
        {
            bool isWhole = coefficient == Math.Round(coefficient) && Math.Abs(coefficient) < 100;
            int atom = AtomId(Atom.Exp, Keep([(monomial, isWhole ? 1 : coefficient)]));
            result = Multiply(result, Keep([(new Monomial([(atom, isWhole ? (int)coefficient : 1)]), 1)]));
        }
        return result;
    }

    /// <summary>The greatest of numbers: nested ones are one, each argument once, in one order.</summary>
    public int Max(params ReadOnlySpan<int> arguments)
    {
        var all = new SortedSet<int>();
        foreach (int argument in arguments)
            if (numbers[argument].Atom is >= 0 and var atom && atoms[atom].Function == Atom.Max) all.UnionWith(atoms[atom].Arguments);
            else all.Add(argument);
        double[] values = [.. all.Where(a => numbers[a].Value is not null).Select(a => numbers[a].Value!.Value)];
        if (values.Length > 1)
        {
            all.RemoveWhere(a => numbers[a].Value is not null);
            all.Add(Of(values.Max()));
        }
        return all.Count == 1 ? all.Min : Apply(Atom.Max, [.. all]);
    }

    public int Min(int a, int b) => Negate(Max(Negate(a), Negate(b)));

    /// <summary>A function of which nothing is known but that it is one.</summary>
    public int Apply(string function, params ImmutableArray<int> arguments) =>
        Keep([(new Monomial([(AtomId(function, arguments), 1)]), 1)]);

    /// <summary>A number with atoms replaced, in the arguments of functions too.</summary>
    public int Replace(int number, int atom, int replacement, Dictionary<int, int> done)
    {
        if (done.TryGetValue(number, out int found)) return found;
        int sum = Zero;
        foreach (var (monomial, coefficient) in numbers[number].Terms)
        {
            int product = Of(coefficient);
            foreach (var (factor, power) in monomial.Factors)
                product = Multiply(product, Power(factor == atom ? replacement : ReplaceIn(factor, atom, replacement, done), power));
            sum = Add(sum, product);
        }
        return done[number] = sum;
    }

    private int ReplaceIn(int atom, int replaced, int replacement, Dictionary<int, int> done)
    {
        var (function, arguments) = (atoms[atom].Function, atoms[atom].Arguments);
        ImmutableArray<int> inner = [.. arguments.Select(a => Replace(a, replaced, replacement, done))];
        if (inner.SequenceEqual(arguments)) return Keep([(new Monomial([(atom, 1)]), 1)]);
        return function switch
        {
            Atom.Max => Max(inner.AsSpan()),
            Atom.Sqrt => Sqrt(inner[0]),
            Atom.Exp => Exp(inner[0]),
            Atom.Inverse => Inverse(inner[0]),
            _ => Apply(function, inner),
        };
    }

    // The square of a root is what it is the root of.
    private int WithoutSquaredRoots(int number)
    {
        var terms = numbers[number].Terms;
        if (!terms.Any(t => t.Monomial.Factors.Any(IsSquaredRoot))) return number;
        int sum = Zero;
        foreach (var (monomial, coefficient) in terms)
        {
            int product = Keep([(new Monomial([.. monomial.Factors.Select(f => IsSquaredRoot(f) ? (f.Atom, f.Power % 2) : f).Where(f =>
                f.Item2 != 0)]), coefficient)]);
            foreach (var factor in monomial.Factors.Where(IsSquaredRoot))
                product = Multiply(product, Power(atoms[factor.Atom].Arguments[0], factor.Power / 2));
            sum = Add(sum, product);
        }
        return sum;
    }

    private bool IsSquaredRoot((int Atom, int Power) factor) => Math.Abs(factor.Power) > 1 && atoms[factor.Atom].Function == Atom.Sqrt;

    // The powers that all terms have, and the coefficient of the first.
    private static (Monomial Monomial, double Factor) Common(Polynomial polynomial)
    {
        var least = polynomial.Terms.SelectMany(t => t.Monomial.Factors.Select(f => f.Atom)).Distinct().Order().Select(atom =>
            (Atom: atom, Power: polynomial.Terms.Min(t => t.Monomial.Factors.FirstOrDefault(f => f.Atom == atom).Power)));
        return (new([.. least.Where(f => f.Power != 0)]), polynomial.Terms[0].Coefficient);
    }

    private int AtomId(string function, params ImmutableArray<int> arguments)
    {
        string key = $"{function}({string.Join(',', arguments.Select(a => a.ToString(CultureInfo.InvariantCulture)))})";
        if (atomIds.TryGetValue(key, out int id)) return id;
        atoms.Add(new Atom(function, arguments));
        return atomIds[key] = atoms.Count - 1;
    }

    private int Keep(IEnumerable<(Monomial, double)> terms) => KeepWhole(Polynomial.Of(terms, digits));

    private int KeepWhole(Polynomial polynomial)
    {
        if (polynomial.Terms.Length > MostTerms) throw TooLarge();
        string key = polynomial.Key(digits);
        if (ids.TryGetValue(key, out int id)) return id;
        numbers.Add(polynomial);
        return ids[key] = numbers.Count - 1;
    }

    private static UndecidedException TooLarge() => new("its polynomials are too large");

    private int Known(char operation, int a, int b, Func<int> compute)
    {
        var key = (operation, Math.Min(a, b), Math.Max(a, b));
        return known.TryGetValue(key, out int result) ? result : known[key] = compute();
    }
}

/// <summary>Ends a proof that cannot be had.</summary>
internal sealed class UndecidedException(string message) : Exception(message);
