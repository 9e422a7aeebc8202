using System.Globalization;

namespace Nncc.Passes.Rules;

/// <summary>Kinds of token.</summary>
internal enum TokenKind
{
    Name, Number, Text, Symbol, End,
}

/// <summary>A word of a rule file.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As written; for a text what is between the quotes.</param>
/// <param name="Place">Where it stands.</param>
/// <param name="IsFirst">Whether nothing stands before it on its line.</param>
internal readonly record struct Token(TokenKind Kind, string Text, SourcePlace Place, bool IsFirst);

/// <summary>Cuts a rule file into tokens and keeps its comments by line.</summary>
internal sealed class RuleTokens
{
    // Longer ones first.
    private static readonly string[] Symbols =
        ["...", "??", "==", "!=", "<=", ">=", "(", ")", "[", "]", ",", "=", "+", "-", "*", "/", "<", ">", "?", "~", ":"];

    private readonly string text;
    private readonly string file;
    private int at, line = 1, lineStart;
    private bool isFirst = true;

    private RuleTokens(string file, string text) => (this.file, this.text) = (file, text);

    public List<Token> Tokens { get; } = [];

    /// <summary>Comments by line, for lines that hold nothing else.</summary>
    public SortedDictionary<int, string> Comments { get; } = [];

    public static RuleTokens Read(string file, string text)
    {
        var tokens = new RuleTokens(file, text);
        while (tokens.Next()) { }
        return tokens;
    }

    private SourcePlace Place => new(file, line, at - lineStart + 1);

    private bool Next()
    {
        while (at < text.Length && (char.IsWhiteSpace(text[at]) || text[at] == '#')) SkipSpace();
        if (at == text.Length)
        {
            Add(TokenKind.End, "", Place);
            return false;
        }
        var place = Place;
        char c = text[at];
        if (char.IsAsciiLetter(c) || c == '_') Add(TokenKind.Name, Take(IsNamePart), place);
        else if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(Peek(1)))) Add(TokenKind.Number, Number(place), place);
        else if (c == '"') Add(TokenKind.Text, Text(place), place);
        else if (Symbols.FirstOrDefault(s => text.AsSpan(at).StartsWith(s, StringComparison.Ordinal)) is { } symbol)
        {
            at += symbol.Length;
            Add(TokenKind.Symbol, symbol, place);
        }
        else throw Fault($"a rule holds no '{(char.IsControl(c) ? $"\\u{(int)c:x4}" : c)}'", place);
        return true;
    }

    private void SkipSpace()
    {
        if (text[at] == '#')
        {
            int end = text.IndexOf('\n', at);
            if (end < 0) end = text.Length;
            if (isFirst) Comments[line] = text[(at + 1)..end].Trim();
            at = end;
            return;
        }
        if (text[at++] != '\n') return;
        (line, lineStart, isFirst) = (line + 1, at, true);
    }

    // A hyphen or a dot belongs to a name where a letter or digit follows, so that a minus needs a space.
    private bool IsNamePart(int i) => char.IsAsciiLetterOrDigit(text[i]) || text[i] == '_'
        || (text[i] is '-' or '.' && i + 1 < text.Length && char.IsAsciiLetterOrDigit(text[i + 1]));

    private string Number(SourcePlace place)
    {
        string number = Take(i => char.IsAsciiDigit(text[i]) || text[i] == '.' || text[i] is 'e' or 'E'
            || (text[i] is '-' or '+' && text[i - 1] is 'e' or 'E'));
        return double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? number
            : throw Fault($"'{number}' is no number", place);
    }

    private string Text(SourcePlace place)
    {
        int end = text.IndexOfAny(['"', '\n'], at + 1);
        if (end < 0 || text[end] != '"') throw Fault("a text has no end on its line", place);
        string inner = text[(at + 1)..end];
        at = end + 1;
        return inner;
    }

    private string Take(Func<int, bool> part)
    {
        int start = at;
        while (at < text.Length && part(at)) at++;
        return text[start..at];
    }

    private char Peek(int ahead) => at + ahead < text.Length ? text[at + ahead] : '\0';

    private void Add(TokenKind kind, string value, SourcePlace place)
    {
        Tokens.Add(new Token(kind, value, place, isFirst));
        isFirst = false;
    }

    private static NnccException Fault(string message, SourcePlace place) => new(FaultCodes.RuleSyntax, message, place.ToString());
}
