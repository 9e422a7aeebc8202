namespace Nncc.Backends.Models;

/// <summary>Cuts a part out of a model.</summary>
public static class Extraction
{
    /// <summary>The part of a graph between values: from the inputs to the outputs, with the constants that it needs.</summary>
    /// <param name="graph">The graph as read.</param>
    /// <param name="inputs">Names of values that become inputs; empty for those inputs of the graph that the outputs need.</param>
    /// <param name="outputs">Names of values that become outputs; empty for the graph's own.</param>
    /// <exception cref="NnccException">
    /// A name does not exist, the outputs need an input of the graph that is not among the inputs, or an input reaches no output: all
    /// faults.
    /// </exception>
    public static Graph Cut(Graph graph, IReadOnlyCollection<string> inputs, IReadOnlyCollection<string> outputs)
    {
        var faults = new List<Fault>();
        var names = new ValueNames(graph);
        var cuts = inputs.Distinct(StringComparer.Ordinal).Select(name => (Name: name, Value: names.Find(name, faults))).ToList();
        var ends = outputs.Count == 0 ? [.. graph.Outputs]
            : outputs.Distinct(StringComparer.Ordinal).Select(name => (Name: name, Value: names.Find(name, faults)))
                .Where(o => o.Value is not null).Select(o => new GraphOutput(o.Name, o.Value!.Value)).ToList();
        if (faults.Count > 0) throw new NnccException([.. faults]);

        var starts = cuts.Select(c => c.Value!.Value).ToHashSet();
        var needed = Needed(graph, ends, starts);
        foreach (var (name, value) in cuts)
            if (!needed.Contains(value!.Value)) faults.Add(new Fault(FaultCodes.OpenCut, $"no output needs the input \"{name}\"",
                Advice: "leave it out, or ask for an output behind it"));
        if (inputs.Count > 0)
            foreach (var input in graph.Inputs.Where(i => needed.Contains(i.Value) && !starts.Contains(i.Value) && i.Default is null))
                faults.Add(new Fault(FaultCodes.OpenCut, $"the outputs also need the model's input \"{graph[input.Value].Name}\"",
                    Advice: $"add it to --inputs, or cut between it and the outputs"));
        return faults.Count == 0 ? Between(graph, ends, starts) : throw new NnccException([.. faults]);
    }

    /// <summary>The part of a graph between values.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="ends">What the part gives.</param>
    /// <param name="starts">Values that become inputs, those of them that it needs.</param>
    public static Graph Between(Graph graph, IReadOnlyCollection<GraphOutput> ends, IReadOnlySet<int> starts)
    {
        var needed = Needed(graph, ends, starts);
        var edit = new GraphEdit(graph);
        edit.SetOutputs(ends);
        var renamed = new List<(int Value, string Name)>();
        foreach (int start in starts.Where(needed.Contains).Order().Where(s => !graph[s].IsInput))
        {
            int input = edit.AddInput(graph[start].Name, graph[start].Type);
            edit.ReplaceValue(start, input);
            renamed.Add((input, graph[start].Name));
        }
        for (int i = graph.Nodes.Length - 1; i >= 0; i--)
            if (edit.Find(graph.Nodes[i].Id) is { } node && !node.GivenOutputs.Any(edit.IsUsed)) edit.Erase(node);
        foreach (var input in graph.Inputs)
            if (!edit.IsUsed(input.Value) && !starts.Contains(input.Value)) edit.RemoveInput(input.Value);
        foreach (var (value, name) in renamed) edit.Rename(value, name);
        return edit.Freeze();
    }

    // Values that the outputs depend on, down to where the cut is.
    private static HashSet<int> Needed(Graph graph, IEnumerable<GraphOutput> ends, IReadOnlySet<int> starts)
    {
        var needed = ends.Select(o => o.Value).ToHashSet();
        for (int i = graph.Nodes.Length - 1; i >= 0; i--)
        {
            var node = graph.Nodes[i];
            if (!node.GivenOutputs.Any(o => needed.Contains(o) && !starts.Contains(o))) continue;
            foreach (int operand in node.GivenInputs) needed.Add(operand);
        }
        return needed;
    }
}
