using System.Collections.Immutable;
using Nncc.IR.Ops;

namespace Nncc.Passes.Strategies;

/// <summary>Turns a set of nodes into one <see cref="Fusion"/> node, and reads the parts of one.</summary>
public static class Region
{
    /// <summary>
    /// Replaces the nodes, in topological order, by one fusion in the place of the last one. Operands come in the order of their first use;
    /// results are what is used outside. Values keep their names.
    /// </summary>
    public static Node Fuse(GraphEdit edit, IReadOnlyList<Node> nodes, string step)
    {
        var inside = nodes.Select(n => n.Id).ToHashSet();
        var operands = nodes.SelectMany(n => n.GivenInputs).Where(v => !inside.Contains(edit[v].Producer)).Distinct().ToArray();
        var results = nodes.SelectMany(n => n.GivenOutputs)
            .Where(v => edit.IsOutput(v) || edit.Users(v).Any(user => !inside.Contains(user))).ToArray();
        var body = Body(edit, nodes, operands, results);
        var fused = edit.Insert(new Fusion(body), operands, Provenance.Merge(nodes.Select(n => n.Origin), step),
            [.. results.Select(v => edit[v].Name)], before: nodes[^1]);
        for (int i = 0; i < results.Length; i++) edit.ReplaceValue(results[i], fused.Outputs[i]);
        var names = results.Select(v => edit[v].Name).ToArray();
        foreach (var node in nodes.Reverse()) edit.Erase(node);
        for (int i = 0; i < results.Length; i++) edit.Rename(fused.Outputs[i], names[i]);
        return fused;
    }

    /// <summary>The heavy op of a fusion's body: the one node that is not elementwise; null where all are.</summary>
    public static Node? Anchor(Graph body, Func<Op, bool> isElementwise) => body.Nodes.FirstOrDefault(n => !isElementwise(n.Op));

    private static Graph Body(GraphEdit edit, IReadOnlyList<Node> nodes, int[] operands, int[] results)
    {
        var body = new GraphEdit("fusion");
        var map = new Dictionary<int, int> { [Node.Absent] = Node.Absent };
        foreach (int operand in operands) map[operand] = body.AddInput(edit[operand].Name, edit[operand].Type);
        foreach (var node in nodes)
        {
            var copy = body.Insert(node.Op, [.. node.Inputs.Select(i => map[i])], node.Origin,
                [.. node.Outputs.Select(o => o == Node.Absent ? "" : edit[o].Name)]);
            for (int i = 0; i < node.Outputs.Length; i++)
            {
                if (node.Outputs[i] == Node.Absent) continue;
                map[node.Outputs[i]] = copy.Outputs[i];
                body.Refine(copy.Outputs[i], edit[node.Outputs[i]].Type); // what constants said outside is not visible inside
            }
        }
        foreach (int result in results) body.AddOutput(edit[result].Name, map[result]);
        return body.Freeze();
    }
}
