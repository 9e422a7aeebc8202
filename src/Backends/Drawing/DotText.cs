namespace Nncc.Backends.Drawing;

/// <summary>A drawing in the language of Graphviz.</summary>
public static class DotText
{
    /// <summary>Writes it.</summary>
    public static void Write(GraphDrawing drawing, TextWriter writer)
    {
        writer.Write($"digraph {Quote(drawing.Name)} {{\n");
        writer.Write("  rankdir=TB;\n  node [shape=box, style=\"filled,rounded\", fillcolor=\"#f4f4f4\", fontname=\"sans-serif\", "
            + "fontsize=10];\n");
        writer.Write("  edge [fontname=\"sans-serif\", fontsize=8];\n");
        var regions = drawing.Nodes.Select((node, i) => (Node: node, Place: i)).ToLookup(n => n.Node.Region);
        foreach (var (node, place) in regions[-1]) WriteNode(writer, node, place, "  ");
        for (int region = 0; region < drawing.Regions.Length; region++)
        {
            writer.Write($"  subgraph cluster_{region} {{\n    label={Quote(drawing.Regions[region])};\n");
            writer.Write("    style=\"rounded,filled\"; color=\"#8899bb\"; fillcolor=\"#eef2fa\"; fontname=\"sans-serif\"; fontsize=9;\n");
            foreach (var (node, place) in regions[region]) WriteNode(writer, node, place, "    ");
            writer.Write("  }\n");
        }
        foreach (var edge in drawing.Edges) writer.Write($"  n{edge.From} -> n{edge.To} [label={Quote(edge.Label)}];\n");
        writer.Write("}\n");
    }

    private static void WriteNode(TextWriter writer, DrawnNode node, int place, string indent)
    {
        string look = node.Kind switch
        {
            DrawnKind.Input or DrawnKind.Output => ", shape=oval, fillcolor=\"#ffffff\"",
            DrawnKind.Product => ", fillcolor=\"#d6e8d0\"",
            _ => "",
        };
        writer.Write($"{indent}n{place} [label={Quote(string.Join('\n', node.Lines))}{look}];\n");
    }

    private static string Quote(string text) => $"\"{text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")}\"";
}
