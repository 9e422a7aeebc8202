using System.Collections.Immutable;

namespace Nncc.IR;

/// <summary>
/// Reads the text of an <see cref="IrType"/>: <c>f32[1x3x224]</c>, <c>f32[batch,3]</c>, <c>i64[]</c> (a scalar), <c>f32[*]</c> (unknown
/// rank),
/// <c>?[2]</c> (unknown element type), <c>unknown</c>, <c>seq(T)</c>, <c>optional(T)</c>, <c>map(K,T)</c>.
/// </summary>
public static class TypeParser
{
    private const int DepthLimit = 64;

    /// <summary>The type that the whole text denotes.</summary>
    /// <exception cref="FormatException">The text is no type; the message names the column.</exception>
    public static IrType Parse(ReadOnlySpan<char> text)
    {
        int at = 0;
        var type = Read(text, ref at, null);
        return at == text.Length ? type : throw Unexpected(text, at);
    }

    /// <summary>The type that starts at <paramref name="at"/>, which is moved behind it (or to what cannot be read).</summary>
    internal static IrType Read(ReadOnlySpan<char> text, ref int at, Func<string, Dim>? symbol, int depth = 0)
    {
        if (depth > DepthLimit) throw new FormatException($"types are nested more than {DepthLimit} deep");
        int start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '?')) at++;
        var word = text[start..at];
        if (word.SequenceEqual("unknown")) return IrType.Unknown;
        if (word.SequenceEqual("seq") || word.SequenceEqual("optional"))
        {
            Expect(text, ref at, '(');
            var element = Read(text, ref at, symbol, depth + 1);
            Expect(text, ref at, ')');
            return word[0] == 's' ? new SequenceType(element) : new OptionalType(element);
        }
        if (word.SequenceEqual("map"))
        {
            Expect(text, ref at, '(');
            start = at;
            while (at < text.Length && char.IsAsciiLetterOrDigit(text[at])) at++;
            if (DTypes.Parse(text[start..at]) is not { } key) throw Unexpected(text, start);
            Expect(text, ref at, ',');
            var element = Read(text, ref at, symbol, depth + 1);
            Expect(text, ref at, ')');
            return new MapType(key, element);
        }
        if (DTypes.Parse(word) is not { } dtype)
        {
            at = start;
            throw Unexpected(text, at);
        }
        Expect(text, ref at, '[');
        if (at + 1 < text.Length && text[at] == '*' && text[at + 1] == ']')
        {
            at += 2;
            return new TensorType(dtype, null);
        }
        var shape = at < text.Length && text[at] == ']' ? Shape.Scalar : ReadShape(text, ref at, symbol);
        Expect(text, ref at, ']');
        return new TensorType(dtype, shape);
    }

    /// <summary>The sizes from <paramref name="at"/> on, at least one.</summary>
    internal static Shape ReadShape(ReadOnlySpan<char> text, ref int at, Func<string, Dim>? symbol)
    {
        var dims = ImmutableArray.CreateBuilder<Dim>();
        while (true)
        {
            int start = at;
            var dim = DimParser.Read(text, ref at, symbol);
            if (dim.Value < 0)
            {
                at = start;
                throw new FormatException($"a size cannot be {dim}");
            }
            dims.Add(dim);
            if (at >= text.Length || text[at] is not (',' or 'x')) return new Shape(dims.ToImmutable());
            at++;
        }
    }

    internal static FormatException Unexpected(ReadOnlySpan<char> text, int at) =>
        new(at < text.Length ? $"cannot read '{text[at]}' at column {at + 1}" : "the text ends too early");

    private static void Expect(ReadOnlySpan<char> text, ref int at, char c)
    {
        if (at >= text.Length || text[at] != c) throw Unexpected(text, at);
        at++;
    }
}
