using Nncc.Passes.Targets;

namespace Nncc.Passes.Strategies;

/// <summary>
/// What a kernel takes as a whole by the catalog's proposals (such as attention) comes first. Of the rest, elementwise ops go into the
/// kernel of their producer: a region starts at each node and takes in what follows while the region has one result that leaves it, the
/// shape stays the producer's, and the catalog accepts. A value may be used several times inside (x * sigmoid(x)).
/// </summary>
public sealed class EpilogueFusion : IFusionStrategy
{
    // A bound on the nodes of a region: it keeps generated kernels readable and their code small.
    private const int MostNodes = 24;

    /// <inheritdoc/>
    public string Name => "rules";

    /// <inheritdoc/>
    public string Summary => "elementwise chains go into their producers";

    /// <inheritdoc/>
    public Graph Run(Graph graph, IKernelCatalog catalog, TargetProfile target, PassContext context)
    {
        var taken = new HashSet<int>();
        var outputs = graph.Outputs.Select(o => o.Value).ToHashSet();
        var regions = new List<List<Node>>();
        foreach (var node in graph.Nodes)
        {
            if (node.Op is IR.Ops.Constant or IR.Ops.Fusion || taken.Contains(node.Id)) continue;
            foreach (var proposal in catalog.Proposals(graph, node))
            {
                if (proposal.Any(n => taken.Contains(n.Id)) || !LeavesAsOne(graph, proposal, outputs)
                    || !catalog.Accepts(Candidate(graph, proposal, outputs), target).IsYes) continue;
                foreach (var member in proposal) taken.Add(member.Id);
                regions.Add([.. proposal]);
                break;
            }
        }
        foreach (var node in graph.Nodes)
        {
            if (node.Op is IR.Ops.Constant or IR.Ops.Fusion || !taken.Add(node.Id)) continue;
            var region = Grow(graph, node, catalog, target, taken, outputs);
            foreach (var member in region) taken.Add(member.Id);
            regions.Add(region);
        }
        var edit = new GraphEdit(graph) { Stage = Stage.Fused };
        foreach (var region in regions)
        {
            if (region.Count > 1 && context.Step(edit, Name, () => Region.Fuse(edit, region, Name))) continue;
            foreach (var member in region) Region.Fuse(edit, [member], Name);
        }
        return edit.Freeze();
    }

    // Collects followers, noting each set of which one value leaves, and takes the largest such set that is accepted. Where only one value
    // leaves, no path runs out of the region and back in, so that the graph stays free of cycles.
    private static List<Node> Grow(
        Graph graph, Node start, IKernelCatalog catalog, TargetProfile target, HashSet<int> taken, HashSet<int> outputs)
    {
        if (start.GivenOutputs.Count() != 1) return [start];
        var shape = (graph.Type(start.Outputs[0]) as TensorType)?.Shape;
        if (shape is null) return [start];
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
            if (members.Count(m => Leaves(m.Outputs[0])) == 1) closed.Push(members.Count);
        }
        while (closed.TryPop(out int count))
        {
            foreach (var member in members.Skip(count)) inside.Remove(member.Id);
            members.RemoveRange(count, members.Count - count);
            if (catalog.Accepts(Candidate(graph, members, outputs), target).IsYes) return members;
        }
        return [start];

        void Enqueue(Node node)
        {
            foreach (int user in graph.Users(node.Outputs[0])) frontier.Enqueue(graph.Find(user)!, graph.Position(graph.Find(user)!));
        }

        bool Leaves(int value) => outputs.Contains(value) || graph.Users(value).Any(user => !inside.Contains(user));
    }

    // Whether one value of the nodes is used elsewhere, which is the last one's: then no path runs out of them and back in.
    private static bool LeavesAsOne(Graph graph, IReadOnlyList<Node> nodes, HashSet<int> outputs)
    {
        var inside = nodes.Select(n => n.Id).ToHashSet();
        int[] leaving = [.. nodes.SelectMany(n => n.GivenOutputs)
            .Where(v => outputs.Contains(v) || graph.Users(v).Any(user => !inside.Contains(user)))];
        return leaving is [var only] && nodes[^1].Outputs.Contains(only);
    }

    private static KernelRegion Candidate(Graph graph, IReadOnlyList<Node> nodes, HashSet<int> outputs)
    {
        var inside = nodes.Select(n => n.Id).ToHashSet();
        var region = Region.Outline(nodes, value => graph[value],
            value => outputs.Contains(value) || graph.Users(value).Any(user => !inside.Contains(user)));
        return new KernelRegion(region.Body, [.. region.Operands.Select(o => graph.TryConstant(o, out var tensor) ? tensor : null)]);
    }
}
