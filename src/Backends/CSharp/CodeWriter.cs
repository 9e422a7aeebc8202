using System.Text;

namespace Nncc.Backends.CSharp;

/// <summary>Collects lines of C# with the indentation of the block they stand in.</summary>
public sealed class CodeWriter
{
    private const int Longest = 140;

    private readonly StringBuilder text = new();
    private int depth;

    /// <summary>
    /// Writes lines; each gets the current indentation, empty ones none. A long one without strings is broken behind a comma, a comment at
    /// a space.
    /// </summary>
    public CodeWriter Line(string lines = "")
    {
        foreach (var line in lines.AsSpan().EnumerateLines()) Write(line, depth * 4);
        return this;
    }

    private void Write(ReadOnlySpan<char> line, int indent)
    {
        var body = line.TrimStart();
        indent += line.Length - body.Length;
        string mark = body.StartsWith("/// ") ? "/// " : body.StartsWith("// ") ? "// " : "";
        bool isBreakable = mark.Length > 0 || !body.Contains('"');
        body = body[mark.Length..];
        for (bool isFirst = true; ; isFirst = false)
        {
            int margin = indent + (isFirst || mark.Length > 0 ? 0 : 4);
            if (body.Length > 0 || mark.Length > 0) text.Append(' ', margin).Append(mark);
            int room = Longest - margin - mark.Length;
            int at = isBreakable && body.Length > room ? body[..room].LastIndexOf(mark.Length > 0 ? " " : ", ") : -1;
            if (at <= 0) break;
            int keep = mark.Length > 0 ? at : at + 1;
            text.Append(body[..keep]).Append('\n');
            body = body[keep..].TrimStart();
        }
        text.Append(body).Append('\n');
    }

    /// <summary>Writes a head line and a block in braces.</summary>
    public CodeWriter Block(string head, Action inside)
    {
        Line(head);
        Line("{");
        depth++;
        inside();
        depth--;
        return Line("}");
    }

    /// <summary>A call (or the head of a method) with its arguments, over several lines where one would be too long.</summary>
    public string Call(string name, IReadOnlyList<string> arguments)
    {
        var call = new StringBuilder(name).Append('(');
        int column = depth * 4 + call.Length;
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i] + (i < arguments.Count - 1 ? "," : "");
            if (i > 0 && column + argument.Length + 3 > Longest)
            {
                call.Append("\n    ");
                column = depth * 4 + 4;
            }
            else if (i > 0)
            {
                call.Append(' ');
                column++;
            }
            call.Append(argument);
            column += argument.Length;
        }
        return call.Append(')').ToString();
    }

    /// <summary>What was written.</summary>
    public override string ToString() => text.ToString();
}
