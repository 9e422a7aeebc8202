namespace Nncc.Tests.Types;

/// <summary>
/// Sizes made at random: they are what their arithmetic says at every point, equal ones are equal objects, bounds hold, and text reads
/// back to the same.
/// </summary>
public class DimLaws
{
    private static readonly string[] Names = ["N", "M", "a.b", "it's odd", "x"];

    // A size and how to compute it from values of the symbols without any normal form; null where it divides by zero.
    private sealed record Term(Dim Size, Func<long[], Int128?> Value);

    [Fact]
    public void ANormalFormIsWorthWhatItsArithmeticIs() => ForEach((random, term) =>
    {
        for (int i = 0; i < 10; i++)
        {
            long[] point = Point(random);
            if (term.Value(point) is not { } expected) continue;
            if (term.Size.Substitute(Map(point)) is var actual && actual.Value != (long)expected)
                Assert.Fail($"{term.Size} at ({string.Join(", ", point)}) is {actual}, not {expected}");
        }
    });

    [Fact]
    public void BoundsHold() => ForEach((random, term) =>
    {
        var (min, max) = term.Size.Bounds;
        for (int i = 0; i < 10; i++)
        {
            long[] point = Point(random);
            if (term.Value(point) is { } value && (value < min || value > max))
                Assert.Fail($"{term.Size} is {value} at ({string.Join(", ", point)}), outside of {min}..{max}");
        }
    });

    [Fact]
    public void AnswersHold() => ForEach((random, term) =>
    {
        var other = Make(random, 2);
        var (equal, atMost) = (Dim.AreEqual(term.Size, other.Size), Dim.IsAtMost(term.Size, other.Size));
        for (int i = 0; i < 10; i++)
        {
            long[] point = Point(random);
            if (term.Value(point) is not { } a || other.Value(point) is not { } b) continue;
            if (equal != Answer.Unknown) Assert.True(equal == (a == b ? Answer.Yes : Answer.No),
                $"{term.Size} = {other.Size}: {equal}, at a point {a} and {b}");
            if (atMost != Answer.Unknown) Assert.True(atMost == (a <= b ? Answer.Yes : Answer.No),
                $"{term.Size} <= {other.Size}: {atMost}, at a point {a} and {b}");
        }
    });

    [Fact]
    public void TextReadsBackToTheSame() => ForEach((_, term) =>
    {
        int at = 0;
        string text = term.Size.ToString();
        var read = DimParser.Read(text, ref at, name => Symbol(Array.IndexOf(Names, name)));
        Assert.Equal(text.Length, at);
        Assert.Equal(term.Size, read);
        Assert.Equal(text, read.ToString());
        Assert.Equal(term.Size.GetHashCode(), read.GetHashCode());
    });

    [Fact]
    public void LawsOfArithmeticGiveEqualObjects() => ForEach((random, term) =>
    {
        Dim a = term.Size, b = Make(random, 2).Size, c = Make(random, 1).Size;
        Assert.Equal(a + b, b + a);
        Assert.Equal(a * b, b * a);
        Assert.Equal((a + b) + c, a + (b + c));
        Assert.Equal((a * b) * c, a * (b * c));
        Assert.Equal(a * (b + c), a * b + a * c);
        Assert.Equal(Dim.Of(0), a - a);
        Assert.Equal(Dim.Min(a, b), Dim.Min(b, a));
        Assert.Equal(Dim.Max(a, b), Dim.Max(b, a));
        long by = random.Next(1, 9);
        Assert.Equal(a, by * Dim.FloorDiv(a, by) + Dim.Mod(a, by));
        Assert.Equal(b + Dim.FloorDiv(a, by), Dim.FloorDiv(a + by * b, by));
        Assert.Equal(Dim.CeilDiv(a, by), Dim.FloorDiv(a + by - 1, by));
        Assert.Equal(a, Dim.FloorDiv(a * by, by));
    });

    [Theory]
    [InlineData("N", "N")]
    [InlineData("2*N+3", "2*N+3")]
    [InlineData("(N+1)*(N-1)", "N*N-1")]
    [InlineData("floordiv(4*N+6,4)", "N+floordiv(2*N+3,2)-N+0")]
    [InlineData("mod(N,4)", "N-4*floordiv(N,4)")]
    [InlineData("ceildiv(N,4)", "floordiv(N+3,4)")]
    [InlineData("'a''b\\u000a'", "'a''b\\u000a'")]
    public void ReadsWhatIsWrittenByHand(string text, string same) => Assert.Equal(DimParser.Parse(same), DimParser.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("N+")]
    [InlineData("N 3")]
    [InlineData("''")]
    [InlineData("'N")]
    [InlineData("sqrt(N,2)")]
    [InlineData("floordiv(N)")]
    [InlineData("floordiv(N,0)")]
    [InlineData("9223372036854775808")]
    [InlineData("9223372036854775807+1")]
    public void RefusesWhatIsNoSize(string text) => Assert.Throws<FormatException>(() => DimParser.Parse(text));

    [Fact]
    public void ArithmeticIsExactOrRefused()
    {
        var large = Dim.Of(long.MaxValue);
        Assert.Throws<OverflowException>(() => large + 1);
        Assert.Throws<OverflowException>(() => large * 2);
        Assert.Throws<OverflowException>(() => Dim.Symbol("N") * large * 2);
        Assert.Throws<DivideByZeroException>(() => Dim.FloorDiv(Dim.Symbol("N"), 0));
    }

    private static void ForEach(Action<Random, Term> check)
    {
        var random = new Random(7);
        for (int i = 0; i < 1500; i++) check(random, Make(random, random.Next(5)));
    }

    private static Dim Symbol(int index) => index switch
    {
        0 => Dim.Symbol(Names[0], 1, 20),
        1 => Dim.Symbol(Names[1]),
        2 => Dim.Symbol(Names[2], 0, 3),
        _ => Dim.Symbol(Names[index], 5, 40),
    };

    private static long[] Point(Random random) =>
        [random.Next(1, 21), random.Next(2) == 0 ? random.Next(10) : random.Next(100_000), random.Next(4), random.Next(5, 41),
            random.Next(5, 41)];

    private static Dictionary<string, Dim> Map(long[] point) =>
        Names.Select((name, i) => (name, i)).ToDictionary(p => p.name, p => Dim.Of(point[p.i]));

    private static Term Make(Random random, int depth)
    {
        if (depth == 0)
        {
            if (random.Next(3) == 0)
            {
                long number = random.Next(-3, 8);
                return new Term(number, _ => number);
            }
            int index = random.Next(Names.Length);
            return new Term(Symbol(index), point => point[index]);
        }
        Term a = Make(random, depth - 1), b = Make(random, random.Next(depth));
        switch (random.Next(7))
        {
            case 0: return new Term(a.Size + b.Size, point => a.Value(point) + b.Value(point));
            case 1: return new Term(a.Size - b.Size, point => a.Value(point) - b.Value(point));
            case 2: return new Term(a.Size * b.Size, point => a.Value(point) * b.Value(point));
            case 3:
                long by = random.Next(1, 7);
                return new Term(Dim.FloorDiv(a.Size, by), point => Floor(a.Value(point), by));
            case 4: return new Term(Dim.Min(a.Size, b.Size), point => a.Value(point) is { } x
                && b.Value(point) is { } y ? Int128.Min(x, y) : null);
            case 5: return new Term(Dim.Max(a.Size, b.Size), point => a.Value(point) is { } x
                && b.Value(point) is { } y ? Int128.Max(x, y) : null);
            default:
                var positive = Dim.Max(b.Size, 1);
                return new Term(Dim.FloorDiv(a.Size, positive), point => b.Value(point) is { } y ? Floor(a.Value(point), Int128.Max(y, 1))
                    : null);
        }
    }

    private static Int128? Floor(Int128? a, Int128 b) => a is not { } x ? null : x / b - (x % b != 0 && x < 0 ? 1 : 0);
}
