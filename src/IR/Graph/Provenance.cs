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
    /// <summary>Of nothing: made from scratch.</summary>
    public static Provenance None { get; } = new([], []);

    /// <summary>Of one node of the model.</summary>
    public static Provenance Of(string node) => new([node], []);

    /// <summary>Of all the given, with one more step: what a rewrite gives to the nodes it makes.</summary>
    public static Provenance Merge(IEnumerable<Provenance> sources, string? step)
    {
        var nodes = new List<string>();
        var steps = new List<string>();
        foreach (var source in sources)
        {
            nodes.AddRange(source.Nodes);
            steps.AddRange(source.Steps);
        }
        if (step is not null) steps.Add(step);
        return new(nodes.Distinct().ToEquatable(), steps.Distinct().ToEquatable());
    }

    /// <summary>The ONNX nodes, for messages: <c>node "conv1"</c>.</summary>
    public override string ToString() => Nodes.IsEmpty ? "a node made by nncc"
        : Nodes.Count == 1 ? $"node \"{Nodes[0]}\"" : $"nodes \"{string.Join("\", \"", Nodes.Take(3))}\"{(Nodes.Count > 3 ? ", ..." : "")}";
}
