using System.Collections.Immutable;
using Nncc.IR.Ops;

namespace Nncc.Backends.Models;

/// <summary>
/// Which nodes of two graphs belong together; see <see cref="ModelDifference"/>. Constants belong to the nodes that use them.
/// </summary>
internal sealed class NodeMatching
{
    private readonly Graph before, after;
    private readonly int[] workBefore, workAfter;
    private readonly Dictionary<int, Node> partner = []; // of nodes of the first graph, by id
    private readonly HashSet<int> taken = []; // nodes of the second graph, by id
    private readonly List<(Node, Node)> pairs = [];

    public NodeMatching(Graph before, Graph after)
    {
        (this.before, this.after) = (before, after);
        var works = new Dictionary<(Op? Op, string Operands), int>();
        (workBefore, workAfter) = (Works(before, works), Works(after, works));
        Match(n => $"{Work(n, before, workBefore)}", n => $"{Work(n, after, workAfter)}", isSame: true);
        Match(n => n.Origin.Nodes.IsEmpty ? null : $"{n.Op.FullName}\0{string.Join('\0', n.Origin.Nodes)}");
        Match(n => $"{n.Op.FullName}\0{before[n.GivenOutputs.First()].Name}", n => $"{n.Op.FullName}\0{after[n.GivenOutputs.First()].Name}",
            isSame: false);
    }

    /// <summary>Nodes that compute the same of the same inputs.</summary>
    public int Same { get; private set; }

    /// <summary>Nodes that belong together and may differ.</summary>
    public IEnumerable<(Node Before, Node After)> Pairs => pairs;

    /// <summary>Whether two values are the same work, or results of nodes that belong together.</summary>
    public bool AreTogether(int a, int b)
    {
        if (a == Node.Absent || b == Node.Absent) return a == b;
        if (workBefore[a] == workAfter[b]) return true;
        var (from, to) = (before[a], after[b]);
        return from.Slot == to.Slot && before.Producer(a) is { } producer && partner.TryGetValue(producer.Id, out var other)
            && other.Id == to.Producer;
    }

    /// <summary>The nodes that belong to no single node, grouped by the ONNX nodes that they come from.</summary>
    public IEnumerable<(ImmutableArray<Node> Before, ImmutableArray<Node> After)> Groups()
    {
        var gone = Computing(before).Where(n => !partner.ContainsKey(n.Id)).ToList();
        var come = Computing(after).Where(n => !taken.Contains(n.Id)).ToList();
        // A node that stayed may have taken in what others did: its origins tell.
        var groupOf = new Dictionary<string, int>(StringComparer.Ordinal);
        var root = new List<int>();
        foreach (var node in come.Concat(pairs.Select(p => p.Item2)))
        {
            int group = root.Count;
            root.Add(group);
            foreach (string origin in node.Origin.Nodes)
                if (groupOf.TryGetValue(origin, out int other)) root[Root(other)] = group;
                else groupOf[origin] = group;
        }
        var groups = new OrderedDictionary<int, (ImmutableArray<Node>.Builder Before, ImmutableArray<Node>.Builder After)>();
        int alone = -1;
        foreach (var node in gone) Group(node).Before.Add(node);
        foreach (var node in come) Group(node).After.Add(node);
        foreach (var (_, node) in pairs)
            if (node.Origin.Nodes is [var first, ..] && groups.TryGetValue(Root(groupOf[first]), out var found)) found.After.Add(node);
        return groups.Values.Select(g => (g.Before.ToImmutable(), g.After.ToImmutable()));

        int Root(int group)
        {
            while (root[group] != group) group = root[group];
            return group;
        }

        (ImmutableArray<Node>.Builder Before, ImmutableArray<Node>.Builder After) Group(Node node)
        {
            int key = node.Origin.Nodes.Where(groupOf.ContainsKey).Select(o => Root(groupOf[o])).FirstOrDefault(alone);
            if (key == alone) alone--;
            if (!groups.TryGetValue(key, out var group))
                groups[key] = group = (ImmutableArray.CreateBuilder<Node>(), ImmutableArray.CreateBuilder<Node>());
            return group;
        }
    }

    private static IEnumerable<Node> Computing(Graph graph) => graph.Nodes.Where(n => n.Op is not Constant && n.GivenOutputs.Any());

    private static int Work(Node node, Graph graph, int[] works) => works[graph[node.GivenOutputs.First()].Id];

    // A number for each value, the same for the same op on the same operands, down to the inputs by name.
    private static int[] Works(Graph graph, Dictionary<(Op? Op, string Operands), int> known)
    {
        var works = new int[graph.NextValue];
        foreach (var input in graph.Inputs) works[input.Value] = Number((null, graph[input.Value].Name));
        foreach (var node in graph.Nodes)
        {
            string operands = string.Join(',', node.Inputs.Select(i => i == Node.Absent ? 0 : works[i]));
            for (int slot = 0; slot < node.Outputs.Length; slot++)
                if (node.Outputs[slot] != Node.Absent) works[node.Outputs[slot]] = Number((node.Op, $"{slot}:{operands}"));
        }
        return works;

        int Number((Op?, string) work)
        {
            if (!known.TryGetValue(work, out int number)) known[work] = number = known.Count + 1;
            return number;
        }
    }

    private void Match(Func<Node, string?> key) => Match(key, key, isSame: false);

    private void Match(Func<Node, string?> keyBefore, Func<Node, string?> keyAfter, bool isSame)
    {
        var open = new Dictionary<string, Queue<Node>>(StringComparer.Ordinal);
        foreach (var node in Computing(after).Where(n => !taken.Contains(n.Id)))
            if (keyAfter(node) is { } key)
            {
                if (!open.TryGetValue(key, out var queue)) open[key] = queue = new();
                queue.Enqueue(node);
            }
        foreach (var node in Computing(before).Where(n => !partner.ContainsKey(n.Id)))
        {
            if (keyBefore(node) is not { } key || !open.TryGetValue(key, out var queue) || !queue.TryDequeue(out var other)) continue;
            partner[node.Id] = other;
            taken.Add(other.Id);
            if (isSame) Same++;
            else pairs.Add((node, other));
        }
    }
}
