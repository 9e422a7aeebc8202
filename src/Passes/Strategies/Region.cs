using System.Collections.Immutable;
using Nncc.IR.Ops;

namespace Nncc.Passes.Strategies;

/// <summary>A set of nodes seen as one: its operands in the order of first use, its results, and its body.</summary>
/// <param name="Operands">Values from outside.</param>
/// <param name="Results">Values that are used outside.</param>
/// <param name="Body">The region as a closed graph.</param>
public sealed record Region(ImmutableArray<int> Operands, ImmutableArray<int> Results, Graph Body)
{
    /// <summary>
    /// Replaces the nodes, in topological order, by one fusion in the place of the last one. Operands come in the order of their first use;
    /// results are what is used outside. Values keep their names. Nodes are taken as the edit has them now.
    /// </summary>
    public static Node Fuse(GraphEdit edit, IReadOnlyList<Node> nodes, string step)
    {
        nodes = [.. nodes.Select(n => edit.Find(n.Id) ?? throw new ArgumentException($"{n.Place} is not in the graph", nameof(nodes)))];
        var inside = nodes.Select(n => n.Id).ToHashSet();
        var region = Outline(nodes, value => edit[value],
            value => edit.Users(value).Any(user => !inside.Contains(user)) || edit.IsOutput(value));
        var names = region.Results.Select(v => edit[v].Name).ToArray();
        var fused = edit.Insert(new Fusion(region.Body), region.Operands.AsSpan(), Provenance.Merge(nodes.Select(n => n.Origin), step),
            [.. names], before: nodes[^1]);
        for (int i = 0; i < names.Length; i++) edit.ReplaceValue(region.Results[i], fused.Outputs[i]);
        foreach (var node in nodes.Reverse()) edit.Erase(node);
        for (int i = 0; i < names.Length; i++) edit.Rename(fused.Outputs[i], names[i]);
        return fused;
    }

    /// <summary>The nodes, in topological order, as a region.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="value">The value of an id.</param>
    /// <param name="leaves">Whether a value is used outside of the nodes.</param>
    public static Region Outline(IReadOnlyList<Node> nodes, Func<int, Value> value, Func<int, bool> leaves)
    {
        var inside = nodes.Select(n => n.Id).ToHashSet();
        ImmutableArray<int> operands = [.. nodes.SelectMany(n => n.GivenInputs).Where(v => !inside.Contains(value(v).Producer)).Distinct()];
        ImmutableArray<int> results = [.. nodes.SelectMany(n => n.GivenOutputs).Where(leaves)];
        var body = new GraphEdit("fusion");
        var map = new Dictionary<int, int> { [Node.Absent] = Node.Absent };
        foreach (int operand in operands) map[operand] = body.AddInput(value(operand).Name, value(operand).Type);
        foreach (var node in nodes)
        {
            var copy = body.Insert(node.Op, [.. node.Inputs.Select(i => map[i])], node.Origin,
                [.. node.Outputs.Select(o => o == Node.Absent ? "" : value(o).Name)]);
            for (int i = 0; i < node.Outputs.Length; i++)
            {
                if (node.Outputs[i] == Node.Absent) continue;
                map[node.Outputs[i]] = copy.Outputs[i];
                body.Refine(copy.Outputs[i], value(node.Outputs[i]).Type); // what constants said outside is not visible inside
            }
        }
        foreach (int result in results) body.AddOutput(value(result).Name, map[result]);
        return new Region(operands, results, body.Freeze());
    }
}
