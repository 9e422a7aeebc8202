namespace Nncc.IR;

/// <summary>
/// Reads the text of a <see cref="Dim"/>: integers, names (any other name between single quotes), + - *, parentheses,
/// <c>floordiv(a,b)</c>, <c>ceildiv(a,b)</c>, <c>mod(a,b)</c>, <c>min(a,b)</c>, <c>max(a,b)</c>.
/// </summary>
public ref struct DimParser
{
    private readonly ReadOnlySpan<char> text;
    private int at;

    private DimParser(ReadOnlySpan<char> text) => this.text = text;

    /// <summary>The size that the whole text denotes; <see cref="FormatException"/> names the column where it does not.</summary>
    public static Dim Parse(ReadOnlySpan<char> text)
    {
        var parser = new DimParser(text);
        var dim = parser.Sum();
        return parser.at == text.Length ? dim : throw parser.Unexpected();
    }

    /// <summary>Whether the name stands in text without quotes.</summary>
    public static bool IsPlainName(string name) => name.Length > 0 && (char.IsAsciiLetter(name[0]) || name[0] == '_')
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.') && name is not ("floordiv" or "ceildiv" or "mod" or "min" or "max" or "x");

    private Dim Sum()
    {
        var sum = Accept('-') ? -Product() : Product();
        while (true)
        {
            if (Accept('+')) sum += Product();
            else if (Accept('-')) sum -= Product();
            else return sum;
        }
    }

    private Dim Product()
    {
        var product = Factor();
        while (Accept('*')) product *= Factor();
        return product;
    }

    private Dim Factor()
    {
        if (Accept('('))
        {
            var inner = Sum();
            Expect(')');
            return inner;
        }
        int start = at;
        if (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
            return long.TryParse(text[start..at], out long value) ? Dim.Of(value) : throw Unexpected();
        }
        string name = Name();
        if (!Accept('(')) return Dim.Symbol(name);
        var a = Sum();
        Expect(',');
        var b = Sum();
        Expect(')');
        return name switch
        {
            "floordiv" => Dim.FloorDiv(a, b),
            "ceildiv" => Dim.CeilDiv(a, b),
            "mod" => Dim.Mod(a, b),
            "min" => Dim.Min(a, b),
            "max" => Dim.Max(a, b),
            _ => throw new FormatException($"'{name}' is no function of sizes (floordiv, ceildiv, mod, min, max are)"),
        };
    }

    private string Name()
    {
        int start = at;
        if (Accept('\''))
        {
            while (at < text.Length && (text[at] != '\'' || (at + 1 < text.Length && text[at + 1] == '\'')))
                at += text[at] == '\'' ? 2 : 1;
            Expect('\'');
            return text[(start + 1)..(at - 1)].ToString().Replace("''", "'");
        }
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '_' or '.')) at++;
        return at > start ? text[start..at].ToString() : throw Unexpected();
    }

    private bool Accept(char c)
    {
        while (at < text.Length && text[at] == ' ') at++;
        if (at >= text.Length || text[at] != c) return false;
        at++;
        while (at < text.Length && text[at] == ' ') at++;
        return true;
    }

    private void Expect(char c)
    {
        if (!Accept(c)) throw Unexpected();
    }

    private readonly FormatException Unexpected() =>
        new($"cannot read the size '{text}' at column {at + 1}");
}
