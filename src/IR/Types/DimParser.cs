using System.Globalization;
using System.Text;

namespace Nncc.IR;

/// <summary>
/// Reads the text of a <see cref="Dim"/>: integers, names (any other name between single quotes), + - *, parentheses,
/// <c>floordiv(a,b)</c>, <c>ceildiv(a,b)</c>, <c>mod(a,b)</c>, <c>min(a,b)</c>, <c>max(a,b)</c>. Between quotes <c>''</c> is a quote and
/// a backslash starts <c>\\</c> or the number of a character, <c>\u000a</c>.
/// </summary>
public ref struct DimParser
{
    // Text may be hostile: parentheses are read by recursion, and a product of sums grows with the product of their lengths.
    private const int DepthLimit = 64, TermLimit = 1024;

    private readonly ReadOnlySpan<char> text;
    private readonly Func<string, Dim>? symbol;
    private int at, depth;

    private DimParser(ReadOnlySpan<char> text, int at, Func<string, Dim>? symbol)
    {
        this.text = text;
        this.at = at;
        this.symbol = symbol;
    }

    /// <summary>The size that the whole text denotes; <see cref="FormatException"/> names the column where it does not.</summary>
    public static Dim Parse(ReadOnlySpan<char> text)
    {
        int at = 0;
        var dim = Read(text, ref at, null);
        return at == text.Length ? dim : throw TypeParser.Unexpected(text, at);
    }

    /// <summary>The size that starts at <paramref name="at"/>, which is moved behind it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">Where it starts.</param>
    /// <param name="symbol">Gives a symbol its bounds; null for none.</param>
    /// <exception cref="FormatException">There is no size.</exception>
    internal static Dim Read(ReadOnlySpan<char> text, ref int at, Func<string, Dim>? symbol)
    {
        var parser = new DimParser(text, at, symbol);
        try
        {
            parser.Accept(' ');
            return parser.Sum();
        }
        catch (Exception e) when (e is OverflowException or DivideByZeroException)
        {
            throw new FormatException(e is OverflowException ? "the size is beyond 64 bits" : "the size divides by zero");
        }
        finally
        {
            at = parser.at;
        }
    }

    /// <summary>Whether the name stands in text without quotes.</summary>
    public static bool IsPlainName(string name) => name.Length > 0 && (char.IsAsciiLetter(name[0]) || name[0] == '_')
        && name.All(IsNameChar) && name is not ("floordiv" or "ceildiv" or "mod" or "min" or "max" or "x");

    /// <summary>The name as it stands in text.</summary>
    internal static string Quote(string name)
    {
        if (IsPlainName(name)) return name;
        var b = new StringBuilder("'");
        foreach (char c in name)
        {
            if (c is '\'' or '\\') b.Append(c).Append(c);
            else if (char.IsControl(c) || char.IsSurrogate(c)) b.Append($"\\u{(int)c:x4}");
            else b.Append(c);
        }
        return b.Append('\'').ToString();
    }

    private Dim Sum()
    {
        if (++depth > DepthLimit) throw new FormatException($"sizes are nested more than {DepthLimit} deep");
        var sum = Accept('-') ? -Product() : Product();
        while (true)
        {
            if (Accept('+')) sum += Product();
            else if (Accept('-')) sum -= Product();
            else break;
            if (sum.TermCount > TermLimit) throw new FormatException($"the size is a sum of more than {TermLimit} terms");
        }
        depth--;
        return sum;
    }

    private Dim Product()
    {
        var product = Factor();
        while (Accept('*'))
        {
            var factor = Factor();
            if ((long)product.TermCount * factor.TermCount > TermLimit)
                throw new FormatException($"the size is a sum of more than {TermLimit} terms");
            product *= factor;
        }
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
            return long.TryParse(text[start..at], NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? Dim.Of(value)
                : throw Unexpected();
        }
        bool isQuoted = start < text.Length && text[start] == '\'';
        string name = isQuoted ? QuotedName() : PlainName();
        if (isQuoted || !Accept('(')) return symbol?.Invoke(name) ?? Dim.Symbol(name);
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

    private string PlainName()
    {
        int start = at;
        while (at < text.Length && IsNameChar(text[at])) at++;
        return at > start && !char.IsAsciiDigit(text[start]) ? text[start..at].ToString() : throw Unexpected();
    }

    private string QuotedName()
    {
        var name = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            char next = at + 1 < text.Length ? text[at + 1] : '\0';
            if (text[at] == '\'' && next != '\'')
            {
                at++;
                return name.Length > 0 ? name.ToString() : throw Unexpected();
            }
            if (text[at] == '\\' && next == 'u' && at + 6 <= text.Length
                && ushort.TryParse(text.Slice(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code))
            {
                name.Append((char)code);
                at += 5;
            }
            else if (text[at] is '\\' or '\'')
            {
                if (next != text[at]) throw Unexpected();
                name.Append(next);
                at++;
            }
            else name.Append(text[at]);
        }
        throw Unexpected();
    }

    private static bool IsNameChar(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '.';

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

    private readonly FormatException Unexpected() => TypeParser.Unexpected(text, at);
}
