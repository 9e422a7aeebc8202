namespace Nncc.Passes.Transforms;

/// <summary>
/// Replaces nodes by their bodies, where they are asked to go: ops that a backend has no kernel for, or that an opset does not have. Needs
/// a canonical graph; what has no body for its operands stays, with the reason.
/// </summary>
/// <param name="asker">What has no such ops, for the name of the pass.</param>
/// <param name="isAsked">Whether a node of a graph shall go.</param>
public sealed class Decomposition(string asker, Func<Graph, Node, bool> isAsked) : IPass
{
    /// <inheritdoc/>
    public string Name => $"decomposition-for-{asker}";

    /// <inheritdoc/>
    public string Summary => $"Replaces nodes for which {asker} has no op or kernel by the simpler ops that they are made of.";

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context)
    {
        graph = context.InBodies(graph, Run);
        var refused = new HashSet<int>();
        // What a node is made of may be asked to go too.
        while (true)
        {
            var edit = new GraphEdit(graph);
            foreach (var node in graph.Nodes)
                if (context.Ops.Find(node.Op)?.Body is not null && !refused.Contains(node.Id) && isAsked(graph, node)
                    && !Replace(edit, node, context)) refused.Add(node.Id);
            if (!edit.IsChanged) return graph;
            graph = edit.Freeze();
        }
    }

    private bool Replace(GraphEdit edit, Node node, PassContext context)
    {
        if (BodyGraph.Of(node, context.Ops, value => edit[value].Type, edit.Constant, out string? reason) is { } body)
            return context.Step(edit, Name, () => Replace(edit, node, body));
        context.Refuse(Name, node, () => reason!);
        return false;
    }

    private void Replace(GraphEdit edit, Node node, Graph body)
    {
        int old = node.Outputs[0];
        string name = edit[old].Name;
        int result = edit.Splice(body, [.. node.Inputs.Where(i => i != Node.Absent)], node, Name, out _)[0];
        edit.ReplaceValue(old, result);
        edit.Erase(edit.Find(node.Id)!);
        edit.Rename(result, name);
    }
}
