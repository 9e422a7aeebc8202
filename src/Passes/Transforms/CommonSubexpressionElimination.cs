using System.Collections.Immutable;
using Nncc.IR;

namespace Nncc.Passes.Transforms;

/// <summary>
/// Computes once what several nodes compute from the same operands. Ops are equal by their attributes, constants by their
/// content, bodies by their structure.
/// </summary>
public sealed class CommonSubexpressionElimination : IPass
{
    private const string StepName = "common-subexpression";

    /// <inheritdoc/>
    public string Name => "common-subexpression-elimination";

    /// <inheritdoc/>
    public string Summary => "Leaves no two nodes with equal ops and operands, except random and unknown ops, whose runs may differ.";

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context)
    {
        graph = context.InBodies(graph, Run);
        var edit = new GraphEdit(graph);
        var first = new Dictionary<Key, Node>(graph.Nodes.Length);
        var origins = new SortedDictionary<int, List<Provenance>>(); // of nodes that stand for others
        foreach (var original in graph.Nodes)
        {
            var node = edit.Find(original.Id)!;
            if (!Repeatability.IsRepeatable(node.Op)) continue;
            var key = new Key(node, context.Ops[node.Op]);
            if (first.TryAdd(key, node)) continue;
            var twin = first[key];
            if (!Merge(edit, node, twin, context)) continue;
            if (!origins.TryGetValue(twin.Id, out var list)) origins[twin.Id] = list = [twin.Origin];
            list.Add(node.Origin);
        }
        foreach (var (id, sources) in origins)
            edit.SetOrigin(edit.Find(id)!, Provenance.Merge(sources, Name));
        return edit.Freeze();
    }

    private static bool Merge(GraphEdit edit, Node node, Node twin, PassContext context)
    {
        if (Obstacle(edit, node, twin) is not { } reason) return context.Step(edit, StepName, () => Merge(edit, node, twin));
        context.Refuse(StepName, node, () => reason);
        return false;
    }

    private static string? Obstacle(GraphEdit edit, Node node, Node twin)
    {
        for (int i = 0; i < node.Outputs.Length; i++)
        {
            if (node.Outputs[i] == Node.Absent) continue;
            if (twin.Outputs[i] == Node.Absent) return $"result {i} is absent in {twin.Place}";
            if (!Equals(edit[node.Outputs[i]].Layout, edit[twin.Outputs[i]].Layout))
                return $"result {i} has another layout than in {twin.Place}";
        }
        return null;
    }

    private static void Merge(GraphEdit edit, Node node, Node twin)
    {
        for (int i = 0; i < node.Outputs.Length; i++)
            if (node.Outputs[i] != Node.Absent) edit.ReplaceValue(node.Outputs[i], twin.Outputs[i]);
        edit.Erase(node);
    }

    private readonly struct Key(Node node, OpDefinition definition) : IEquatable<Key>
    {
        private readonly Op op = node.Op;
        private readonly OpDefinition definition = definition;
        private readonly ImmutableArray<int> inputs = node.Inputs;
        private readonly int results = node.Outputs.Length;

        public bool Equals(Key other) => results == other.results && inputs.AsSpan().SequenceEqual(other.inputs.AsSpan())
            && definition.AreSame(op, other.op);

        public override bool Equals(object? obj) => obj is Key key && Equals(key);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.Add(op);
            foreach (int input in inputs) hash.Add(input);
            return hash.ToHashCode();
        }
    }
}
