using System.Text;

namespace Nncc.Backends.CSharp;

/// <summary>Collects lines of C# with the indentation of the block they stand in.</summary>
public sealed class CodeWriter
{
    private readonly StringBuilder text = new();
    private int depth;

    /// <summary>Writes lines; each gets the current indentation, empty ones none.</summary>
    public CodeWriter Line(string lines = "")
    {
        foreach (var line in lines.AsSpan().EnumerateLines())
        {
            if (line.Length > 0) text.Append(' ', depth * 4).Append(line);
            text.Append('\n');
        }
        return this;
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
        const int longest = 140;
        var call = new StringBuilder(name).Append('(');
        int column = depth * 4 + call.Length;
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i] + (i < arguments.Count - 1 ? "," : "");
            if (i > 0 && column + argument.Length + 2 > longest)
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
