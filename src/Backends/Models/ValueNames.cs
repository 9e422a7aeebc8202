namespace Nncc.Backends.Models;

/// <summary>Finds values of a graph by what a user calls them: the name of the value, of an output, or of the node that gives it.</summary>
/// <param name="graph">The graph.</param>
internal sealed class ValueNames(Graph graph)
{
    private readonly Dictionary<string, int> values = Index(graph);

    /// <summary>The value of that name; of a node with several results the first.</summary>
    /// <param name="name">The name.</param>
    /// <param name="faults">Takes a fault where there is none.</param>
    public int? Find(string name, List<Fault> faults)
    {
        if (values.TryGetValue(name, out int value)) return value;
        faults.Add(new Fault(FaultCodes.UnknownName, $"the model has no node or value \"{name}\"",
            Advice: Suggestion.For(name, values.Keys, "it has")));
        return null;
    }

    private static Dictionary<string, int> Index(Graph graph)
    {
        var index = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var value in graph.Values) index[value.Name] = value.Id;
        foreach (var output in graph.Outputs) index.TryAdd(output.Name, output.Value);
        foreach (var node in graph.Nodes)
            if (node.Origin.Nodes is [var name] && node.GivenOutputs.Any()) index.TryAdd(name, node.GivenOutputs.First());
        return index;
    }
}
