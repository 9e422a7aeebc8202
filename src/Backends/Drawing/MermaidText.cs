namespace Nncc.Backends.Drawing;

/// <summary>A drawing in the language of Mermaid.</summary>
public static class MermaidText
{
    /// <summary>Writes it.</summary>
    public static void Write(GraphDrawing drawing, TextWriter writer)
    {
        writer.Write("flowchart TB\n");
        var regions = drawing.Nodes.Select((node, i) => (Node: node, Place: i)).ToLookup(n => n.Node.Region);
        foreach (var (node, place) in regions[-1]) WriteNode(writer, node, place, "  ");
        for (int region = 0; region < drawing.Regions.Length; region++)
        {
            writer.Write($"  subgraph r{region} [{Quote(drawing.Regions[region])}]\n");
            foreach (var (node, place) in regions[region]) WriteNode(writer, node, place, "    ");
            writer.Write("  end\n");
        }
        foreach (var edge in drawing.Edges) writer.Write($"  n{edge.From} -->|{Quote(edge.Label)}| n{edge.To}\n");
        writer.Write("  classDef product fill:#d6e8d0,stroke:#5a8a4a\n");
        string[] products = [.. drawing.Nodes.Select((node, i) => (node.Kind, i)).Where(n => n.Kind == DrawnKind.Product)
            .Select(n => $"n{n.i}")];
        if (products.Length > 0) writer.Write($"  class {string.Join(',', products)} product\n");
    }

    private static void WriteNode(TextWriter writer, DrawnNode node, int place, string indent)
    {
        string text = Quote(string.Join('\n', node.Lines));
        writer.Write(node.Kind is DrawnKind.Input or DrawnKind.Output ? $"{indent}n{place}([{text}])\n" : $"{indent}n{place}[{text}]\n");
    }

    // Everything that Mermaid or HTML could take for its own is written by its number.
    private static string Quote(string text)
    {
        var quoted = new System.Text.StringBuilder("\"");
        foreach (char c in text)
            quoted.Append(c switch
            {
                '\n' => "<br/>",
                '"' or '#' or '&' or '<' or '>' or '`' or ';' => $"#{(int)c};",
                _ => c.ToString(),
            });
        return quoted.Append('"').ToString();
    }
}
