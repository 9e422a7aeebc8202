using System.Globalization;

namespace Nncc.IR.Text;

/// <summary>A fault in text, at an offset.</summary>
internal sealed class TextFault(int offset, string message, string? advice = null) : Exception(message)
{
    public int Offset => offset;

    public string? Advice => advice;
}

/// <summary>
/// A place in .nnir text that moves over words, numbers, strings and signs. Blanks, line ends and <c>//</c> comments lie between them.
/// </summary>
/// <param name="text">The text.</param>
/// <param name="end">Where it ends for this cursor.</param>
internal sealed class Cursor(string text, int end)
{
    private int at;

    public string Text => text;

    /// <summary>The offset of the next sign.</summary>
    public int At
    {
        get { SkipBlanks(); return at; }
        set => at = value;
    }

    public bool IsAtEnd => At >= end;

    /// <summary>The next sign; NUL at the end.</summary>
    public char Next => At < end ? text[at] : '\0';

    /// <summary>Moves over the sign if it is next.</summary>
    public bool Accept(char sign)
    {
        if (Next != sign) return false;
        at++;
        return true;
    }

    public void Expect(char sign)
    {
        if (!Accept(sign)) throw Unexpected($"'{sign}'");
    }

    /// <summary>Moves over the word if it is next and ends there.</summary>
    public bool AcceptWord(string word)
    {
        if (!PeekWord().SequenceEqual(word)) return false;
        at += word.Length;
        return true;
    }

    public void ExpectWord(string word)
    {
        if (!AcceptWord(word)) throw Unexpected(word);
    }

    /// <summary>The letters, digits, dots and underscores that come next.</summary>
    public ReadOnlySpan<char> PeekWord()
    {
        int stop = At;
        while (stop < end && (char.IsAsciiLetterOrDigit(text[stop]) || text[stop] is '_' or '.')) stop++;
        return text.AsSpan(at, stop - at);
    }

    /// <summary>The sign behind the next word, at once.</summary>
    public char AfterWord() => At + PeekWord().Length is var stop && stop < end ? text[stop] : '\0';

    public string Word(string what)
    {
        string word = PeekWord().ToString();
        if (word.Length == 0) throw Unexpected(what);
        at += word.Length;
        return word;
    }

    public string String(string what)
    {
        if (Next != '"') throw Unexpected(what + " between quotes");
        return Guarded(() => Quoting.Read(text, ref at));
    }

    public long Integer(string what)
    {
        int start = At;
        var digits = Number();
        return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value
            : throw new TextFault(start, $"expected {what}, an integer of 64 bits");
    }

    /// <summary>An id, from 0 on.</summary>
    public int Id()
    {
        int start = At;
        long id = Integer("an id");
        return id is >= 0 and < int.MaxValue ? (int)id : throw new TextFault(start, $"{id} is no id");
    }

    /// <summary>The letters, digits and signs that can stand in a number, and the parentheses of <c>bits(...)</c>.</summary>
    public ReadOnlySpan<char> Number()
    {
        int start = At, stop = start;
        while (stop < end && (char.IsAsciiLetterOrDigit(text[stop]) || text[stop] is '.' or '+' or '-')) stop++;
        if (stop < end && text[stop] == '(' && text.AsSpan(start, stop - start).SequenceEqual("bits"))
        {
            int close = text.IndexOf(')', stop, end - stop);
            if (close > 0) stop = close + 1;
        }
        at = stop;
        return text.AsSpan(start, stop - start);
    }

    public IrType Type(Func<string, Dim> symbol)
    {
        SkipBlanks();
        return Guarded(() => TypeParser.Read(text.AsSpan(0, end), ref at, symbol));
    }

    public Dim Size(Func<string, Dim> symbol)
    {
        SkipBlanks();
        return Guarded(() => DimParser.Read(text.AsSpan(0, end), ref at, symbol));
    }

    /// <summary>Moves from a statement that cannot be read to the line behind it, or to the brace that ends its graph.</summary>
    public void SkipStatement(int start)
    {
        int depth = 0;
        for (at = start; at < end; at++)
        {
            char c = text[at];
            if (c == '\n' && depth == 0 && at > start) return;
            if (c == '{') depth++;
            else if (c == '}' && depth-- == 0) return;
            else if (c is '"' or '\'') SkipQuoted(c);
            else if (c == '/' && at + 1 < end && text[at + 1] == '/') SkipComment();
        }
    }

    public TextFault Unexpected(string expected) =>
        new(At, IsAtEnd ? $"the text ends where {expected} is expected" : $"expected {expected}, got '{Shown()}'");

    private string Shown()
    {
        int stop = at;
        while (stop < end && stop < at + 24 && text[stop] > ' ') stop++;
        return text[at..Math.Max(stop, Math.Min(at + 1, end))];
    }

    private void SkipQuoted(char quote)
    {
        for (at++; at < end && text[at] != quote && text[at] != '\n'; at++)
            if (text[at] == '\\' && at + 1 < end && text[at + 1] != '\n') at++;
        if (at < end && text[at] == '\n') at--;
    }

    private void SkipComment()
    {
        while (at + 1 < end && text[at + 1] != '\n') at++;
    }

    private void SkipBlanks()
    {
        while (at < end)
        {
            char c = text[at];
            if (c is ' ' or '\n' or '\t' or '\r') at++;
            else if (c == '/' && at + 1 < end && text[at + 1] == '/')
            {
                SkipComment();
                at++;
            }
            else return;
        }
    }

    private T Guarded<T>(Func<T> read)
    {
        int start = at;
        try
        {
            return read();
        }
        catch (FormatException e)
        {
            throw new TextFault(Math.Min(Math.Max(at, start), end), e.Message);
        }
    }
}
