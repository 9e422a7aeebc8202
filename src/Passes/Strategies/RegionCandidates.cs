using Nncc.Passes.Targets;

namespace Nncc.Passes.Strategies;

/// <summary>
/// Sets of nodes of a graph that one kernel may compute: those that the catalog proposes around a node, and a node with elementwise
/// followers of its shape. One value leaves such a set, the last node's, so that no path runs out of it and back in, and sets that have no
/// node in common can all be kernels at once.
/// </summary>
/// <param name="graph">A canonical graph.</param>
/// <param name="catalog">Says what one kernel computes.</param>
/// <param name="target">The machine.</param>
public sealed class RegionCandidates(Graph graph, IKernelCatalog catalog, TargetProfile target)
{
    // A bound on the nodes of a region: it keeps generated kernels readable and their code small.
    private const int MostNodes = 24;

    private readonly HashSet<int> outputs = [.. graph.Outputs.Select(o => o.Value)];

    /// <summary>Whether the node has to be in a region.</summary>
    public static bool IsComputed(Node node) => node.Op is not (IR.Ops.Constant or IR.Ops.Fusion);

    /// <summary>The nodes, in topological order, as a region with its constants.</summary>
    public KernelRegion Region(IReadOnlyList<Node> nodes)
    {
        var inside = nodes.Select(n => n.Id).ToHashSet();
        var region = Strategies.Region.Outline(nodes, value => graph[value],
            value => outputs.Contains(value) || graph.Users(value).Any(user => !inside.Contains(user)));
        return new KernelRegion(region.Body, [.. region.Operands.Select(o => graph.TryConstant(o, out var tensor) ? tensor : null)]);
    }

    /// <summary>Whether one kernel computes the nodes, and one value leaves them, the last one's.</summary>
    public bool IsLegal(IReadOnlyList<Node> nodes) => LeavesAsOne(nodes) && catalog.Accepts(Region(nodes), target).IsYes;

    /// <summary>Why the nodes are no region; null where they are one.</summary>
    public string? Refusal(IReadOnlyList<Node> nodes) => !LeavesAsOne(nodes)
        ? "exactly one value may be used outside, and it must be a result of the last node" : catalog.Accepts(Region(nodes), target).Reason;

    /// <summary>What the catalog proposes around a node and accepts, the best first.</summary>
    public IEnumerable<IReadOnlyList<Node>> Proposed(Node node) => catalog.Proposals(graph, node).Select(p => (IReadOnlyList<Node>)p)
        .Where(IsLegal);

    /// <summary>
    /// The node with what follows it elementwise, as far as the catalog accepts it, the largest set first. A value may be used several
    /// times inside (x * sigmoid(x)).
    /// </summary>
    /// <param name="start">The node.</param>
    /// <param name="taken">Nodes that are no followers any more.</param>
    public IEnumerable<IReadOnlyList<Node>> Followed(Node start, IReadOnlySet<int> taken)
    {
        if (start.GivenOutputs.Count() != 1 || (graph.Type(start.Outputs[0]) as TensorType)?.Shape is not { } shape) yield break;
        var members = new List<Node> { start };
        var closed = new Stack<int>();
        var inside = new HashSet<int> { start.Id };
        var frontier = new PriorityQueue<Node, int>();
        Enqueue(start);
        while (members.Count < MostNodes && frontier.TryDequeue(out var next, out _))
        {
            if (inside.Contains(next.Id)) continue;
            bool fits = !taken.Contains(next.Id) && catalog.IsElementwise(next.Op) && next.Outputs.Length == 1
                && graph.Type(next.Outputs[0]) is TensorType { Shape: { } s } && s.Equals(shape);
            if (!fits) break;
            members.Add(next);
            inside.Add(next.Id);
            Enqueue(next);
            if (members.Count(m => Leaves(m.Outputs[0], inside)) == 1) closed.Push(members.Count);
        }
        while (closed.TryPop(out int count))
        {
            Node[] nodes = [.. members.Take(count)];
            if (catalog.Accepts(Region(nodes), target).IsYes) yield return nodes;
        }

        void Enqueue(Node node)
        {
            foreach (int user in graph.Users(node.Outputs[0])) frontier.Enqueue(graph.Find(user)!, graph.Position(graph.Find(user)!));
        }
    }

    private bool LeavesAsOne(IReadOnlyList<Node> nodes)
    {
        var inside = nodes.Select(n => n.Id).ToHashSet();
        int[] leaving = [.. nodes.SelectMany(n => n.GivenOutputs).Where(v => Leaves(v, inside))];
        return leaving is [var only] && nodes[^1].Outputs.Contains(only);
    }

    private bool Leaves(int value, HashSet<int> inside) =>
        outputs.Contains(value) || graph.Users(value).Any(user => !inside.Contains(user));
}
