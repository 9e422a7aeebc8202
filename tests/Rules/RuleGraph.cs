using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes.Rules;
using Nncc.Passes.Rules.Testing;
using Graph = Nncc.IR.Graph;

namespace Nncc.Tests.Rules;

/// <summary>
/// Graphs in which rules meet: patterns of several rules, made by the tester, with results of some as operands of others. The same seed
/// gives the same graph.
/// </summary>
internal static class RuleGraph
{
    private const int Patterns = 8, Tries = 200;

    /// <summary>The graph of a seed, with contents for its inputs.</summary>
    public static (Graph Graph, ImmutableArray<Datum?> Inputs) Of(RuleLibrary library, int seed)
    {
        var random = new Random(seed);
        var edit = new GraphEdit($"rules {seed}");
        var contents = new List<Datum?>();
        for (int i = 0; i < Patterns; i++)
        {
            var rule = library.Rules[random.Next(library.Rules.Length)];
            for (int k = 0; k < Tries; k++)
                if (InstanceMaker.Try(rule, library.Ops, random, DType.Float32, 3) is { } made && IsStatic(made.Graph))
                {
                    Add(edit, made, contents, random);
                    break;
                }
        }
        foreach (var value in edit.Nodes.Where(n => n.Op is not Constant).SelectMany(n => n.GivenOutputs).ToArray())
            if (!edit.IsUsed(value) || random.Next(12) == 0) edit.AddOutput($"output {edit.Outputs.Count}", value);
        return (edit.Freeze(), [.. contents]);
    }

    /// <summary>The same graph with its nodes in another order that is legal too.</summary>
    public static Graph Reordered(Graph graph, int seed)
    {
        var random = new Random(seed);
        var edit = new GraphEdit(graph.Name);
        var map = new Dictionary<int, int> { [Node.Absent] = Node.Absent };
        foreach (var input in graph.Inputs)
            map[input.Value] = edit.AddInput(graph[input.Value].Name, graph[input.Value].Type, input.Default);
        var left = graph.Nodes.ToList();
        while (left.Count > 0)
        {
            var ready = left.Where(n => n.GivenInputs.All(map.ContainsKey)).ToList();
            var node = ready[random.Next(ready.Count)];
            left.Remove(node);
            var copy = edit.Insert(node.Op, [.. node.Inputs.Select(i => map[i])], node.Origin,
                [.. node.Outputs.Select(o => o == Node.Absent ? "" : graph[o].Name)]);
            for (int i = 0; i < node.Outputs.Length; i++) if (node.Outputs[i] != Node.Absent) map[node.Outputs[i]] = copy.Outputs[i];
        }
        foreach (var output in graph.Outputs) edit.AddOutput(output.Name, map[output.Value]);
        return edit.Freeze();
    }

    private static bool IsStatic(Graph graph) => graph.Values.All(v => v.Type is TensorType { Shape.IsStatic: true });

    private static void Add(GraphEdit edit, RuleInstance made, List<Datum?> contents, Random random)
    {
        var map = new Dictionary<int, int> { [Node.Absent] = Node.Absent };
        var there = edit.Nodes.Where(n => n.Op is not Constant).SelectMany(n => n.GivenOutputs).ToArray();
        for (int i = 0; i < made.Graph.Inputs.Length; i++)
        {
            var value = made.Graph[made.Graph.Inputs[i].Value];
            int[] alike = [.. there.Where(v => edit[v].Type.Equals(value.Type))];
            if (alike.Length > 0 && random.Next(3) > 0) map[value.Id] = alike[random.Next(alike.Length)];
            else
            {
                map[value.Id] = edit.AddInput($"{value.Name} {contents.Count}", value.Type);
                contents.Add(made.Inputs[i]);
            }
        }
        foreach (var node in made.Graph.Nodes)
        {
            var copy = edit.Insert(node.Op, [.. node.Inputs.Select(i => map[i])], Provenance.Of($"{node.Op.Name} {edit.ChangeCount}"),
                [.. node.Outputs.Select(o => o == Node.Absent ? "" : made.Graph[o].Name)]);
            for (int i = 0; i < node.Outputs.Length; i++) if (node.Outputs[i] != Node.Absent) map[node.Outputs[i]] = copy.Outputs[i];
        }
    }
}
