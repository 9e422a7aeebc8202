namespace Nncc.IR.Text;

/// <summary>
/// The bounds of the symbols in a graph and its bodies. One symbol has one range of values: where it occurs with several bounds, all hold.
/// </summary>
internal static class SymbolBounds
{
    private static readonly Interval Unbounded = new(0, long.MaxValue);

    /// <summary>The symbols, by name, whose bounds are not those of any size.</summary>
    public static IEnumerable<KeyValuePair<string, Interval>> Of(Graph graph)
    {
        var bounds = new SortedDictionary<string, Interval>(StringComparer.Ordinal);
        var pending = new Stack<Graph>([graph]);
        while (pending.TryPop(out var next))
        {
            foreach (var value in next.Values)
            {
                foreach (var size in value.Type.Sizes) size.AddBounds(bounds);
                foreach (var dim in value.Known ?? []) dim.AddBounds(bounds);
            }
            foreach (var node in next.Nodes)
                foreach (var body in node.Op.Bodies) pending.Push(body);
        }
        return bounds.Where(pair => pair.Value != Unbounded);
    }
}
