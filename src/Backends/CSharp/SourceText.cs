using System.Globalization;
using System.Text;

namespace Nncc.Backends.CSharp;

/// <summary>
/// Names of a model, which may hold anything at all, as parts of C# source: nothing in them ends a comment or a string, and nothing
/// reorders or hides what a reader sees.
/// </summary>
internal static class SourceText
{
    /// <summary>A string literal.</summary>
    public static string Literal(string text)
    {
        var b = new StringBuilder("\"");
        foreach (char c in text)
            b.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                >= ' ' and <= '~' => c.ToString(),
                _ when char.IsLetterOrDigit(c) => c.ToString(),
                _ => $"\\u{(int)c:X4}",
            });
        return b.Append('"').ToString();
    }

    /// <summary>One line for a comment, no longer than given.</summary>
    public static string Comment(string text, int longest = 100)
    {
        var b = new StringBuilder();
        foreach (char c in text)
        {
            if (b.Length == longest) return b.Append("...").ToString();
            b.Append(IsVisible(c) ? c : '?');
        }
        return b.ToString();
    }

    /// <summary>Text of a documentation comment.</summary>
    public static string Xml(string text, int longest = 100) =>
        Comment(text, longest).Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("\"", "&quot;");

    /// <summary>Text of a cell in a Markdown table, as code.</summary>
    public static string Markdown(string text) => $"`{Comment(text).Replace('`', '\'').Replace("|", "\\|")}`";

    /// <summary>The nodes of an origin, a few by name.</summary>
    public static string Nodes(IReadOnlyList<string> nodes, int most = 4) => string.Join(", ", nodes.Take(most).Select(n => Comment(n, 60)))
        + (nodes.Count > most ? $" and {nodes.Count - most} more" : "");

    // Control and format characters, line ends and halves of pairs are shown as a question mark.
    private static bool IsVisible(char c) => char.GetUnicodeCategory(c) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned);
}
