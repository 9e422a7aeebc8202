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

    /// <summary>What was written.</summary>
    public override string ToString() => text.ToString();
}
