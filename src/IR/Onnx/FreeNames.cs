using Nncc.IR.Onnx.Proto;

namespace Nncc.IR.Onnx;

/// <summary>The names that a nested graph uses and does not define: what it captures from the graphs around it.</summary>
internal sealed class FreeNames
{
    private readonly Dictionary<GraphProto, IReadOnlyList<string>> known = new(ReferenceEqualityComparer.Instance);

    /// <summary>The names in the order of their first use, those of graphs inside included. Each graph is looked at once.</summary>
    public IReadOnlyList<string> Of(GraphProto graph)
    {
        if (known.TryGetValue(graph, out var result)) return result;
        var defined = new HashSet<string>(StringComparer.Ordinal) { "" };
        foreach (var input in graph.Input) defined.Add(input.Name);
        foreach (var tensor in graph.Initializer) defined.Add(tensor.Name);
        foreach (var sparse in graph.SparseInitializer) defined.Add(sparse.Values?.Name ?? "");
        foreach (var node in graph.Node) defined.UnionWith(node.Output);
        var free = new List<string>();
        foreach (var node in graph.Node)
            foreach (string name in Uses(node))
                if (defined.Add(name)) free.Add(name);
        foreach (var output in graph.Output)
            if (defined.Add(output.Name)) free.Add(output.Name);
        return known[graph] = free;
    }

    /// <summary>
    /// The names that a node uses: its operands, and what its graphs capture, in the order of the attributes' names. May repeat, may hold
    /// the empty name.
    /// </summary>
    public IEnumerable<string> Uses(NodeProto node) =>
        HasGraphs(node) ? node.Input.Concat(Graphs(node).SelectMany(Of)) : node.Input;

    /// <summary>The graphs of a node, in the order of the attributes' names.</summary>
    public static IEnumerable<GraphProto> Graphs(NodeProto node) =>
        HasGraphs(node) ? node.Attribute.OrderBy(a => a.Name, StringComparer.Ordinal).SelectMany(Graphs) : [];

    /// <summary>The graphs of an attribute.</summary>
    public static IEnumerable<GraphProto> Graphs(AttributeProto attribute) => attribute.G is null ? attribute.Graphs
        : attribute.Graphs.Prepend(attribute.G);

    private static bool HasGraphs(NodeProto node)
    {
        foreach (var attribute in node.Attribute)
            if (attribute.G is not null || attribute.Graphs.Count > 0) return true;
        return false;
    }
}
