using System.Collections.Immutable;

namespace Nncc.IR;

/// <summary>
/// Where a node came from: the nodes of the ONNX model whose work it does, and the passes and rules that made it, in order. It
/// follows a node into generated code and the metadata of written models.
/// </summary>
/// <param name="Nodes">Names of ONNX nodes; an unnamed one is called by its op and place, such as <c>Conv#12</c>.</param>
/// <param name="Steps">Names of passes and rules.</param>
public sealed record Provenance(EquatableArray<string> Nodes, EquatableArray<string> Steps)
{
    private const int Most = 64;

    /// <summary>Of nothing: made from scratch.</summary>
    public static Provenance None { get; } = new([], []);

    /// <summary>Of one node of the model.</summary>
    public static Provenance Of(string node) => new([node], []);

    /// <summary>
    /// Of all the given, with one more step: what a rewrite gives to the nodes it makes. Of very many nodes the first ones are kept: a
    /// chain that folds to one constant would otherwise list itself at each link.
    /// </summary>
    public static Provenance Merge(IEnumerable<Provenance> sources, string? step)
    {
        var nodes = new OrderedDictionary<string, bool>(StringComparer.Ordinal);
        var steps = new OrderedDictionary<string, bool>(StringComparer.Ordinal);
        foreach (var source in sources)
        {
            foreach (string node in source.Nodes)
                if (nodes.Count < Most) nodes.TryAdd(node, true);
            foreach (string name in source.Steps) steps.TryAdd(name, true);
        }
        if (step is not null) steps.TryAdd(step, true);
        return new([.. nodes.Keys], [.. steps.Keys]);
    }

    /// <summary>The ONNX nodes, for messages: <c>node "conv1"</c>.</summary>
    public override string ToString() => Nodes.IsEmpty ? "a node made by nncc"
        : Nodes.Count == 1 ? $"node \"{Nodes[0]}\"" : $"nodes \"{string.Join("\", \"", Nodes.Take(3))}\"{(Nodes.Count > 3 ? ", ..." : "")}";
}
