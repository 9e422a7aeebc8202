using System.Globalization;
using System.Text;

namespace Nncc.IR.Text;

/// <summary>
/// Strings between double quotes: <c>\" \\ \n \r \t</c> and <c>\u000a</c> for other control characters and lone surrogates.
/// </summary>
internal static class Quoting
{
    public static void Write(TextWriter writer, string text)
    {
        writer.Write('"');
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c is '"' or '\\')
            {
                writer.Write('\\');
                writer.Write(c);
            }
            else if (c is '\n' or '\r' or '\t') writer.Write(c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
            else if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                writer.Write(c);
                writer.Write(text[++i]);
            }
            else if (char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029')
                writer.Write($"\\u{(int)c:x4}");
            else writer.Write(c);
        }
        writer.Write('"');
    }

    /// <summary>The content of the quoted text that starts at <paramref name="at"/>, which is moved behind it.</summary>
    public static string Read(string source, ref int at)
    {
        int end = source.AsSpan(at + 1).IndexOfAny('"', '\\', '\n');
        if (end >= 0 && source[at + 1 + end] == '"') // nothing is escaped
        {
            string plain = source.Substring(at + 1, end);
            at += end + 2;
            return plain;
        }
        var b = new StringBuilder();
        for (at++; at < source.Length && source[at] != '\n'; at++)
        {
            char c = source[at];
            if (c == '"')
            {
                at++;
                return b.ToString();
            }
            if (c != '\\')
            {
                b.Append(c);
                continue;
            }
            char escape = ++at < source.Length ? source[at] : '\0';
            if (escape == 'u' && at + 4 < source.Length
                && ushort.TryParse(source.AsSpan(at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code))
            {
                b.Append((char)code);
                at += 4;
            }
            else b.Append(escape switch
            {
                '"' or '\\' => escape,
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                _ => throw new FormatException("a backslash stands before \", \\, n, r, t or u and four hexadecimal digits"),
            });
        }
        throw new FormatException("the text between quotes does not end on its line");
    }
}
