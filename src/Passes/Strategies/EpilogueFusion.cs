using Nncc.Passes.Targets;

namespace Nncc.Passes.Strategies;

/// <summary>
/// Elementwise ops go into the kernel of their producer: a region starts at each node and takes in what follows while the region has
/// one result that leaves it, the shape stays the producer's, and the catalog accepts. A value may be used several times inside
/// (x * sigmoid(x)).
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
        var regions = new List<List<Node>>();
        foreach (var node in graph.Nodes)
        {
            if (node.Op is IR.Ops.Constant or IR.Ops.Fusion || !taken.Add(node.Id)) continue;
            var region = Grow(graph, node, catalog, target, taken);
            foreach (var member in region) taken.Add(member.Id);
            regions.Add(region);
        }
        var edit = new GraphEdit(graph) { Stage = Stage.Fused };
        foreach (var region in regions) Region.Fuse(edit, region, Name);
        return edit.Freeze();
    }

    // Tries ever larger sets of followers, and keeps the largest that has one result leaving it and is accepted. Where only one value
    // leaves, no path runs out of the region and back in, so that the graph stays free of cycles.
    private static List<Node> Grow(Graph graph, Node start, IKernelCatalog catalog, TargetProfile target, HashSet<int> taken)
    {
        var best = new List<Node> { start };
        if (start.GivenOutputs.Count() != 1 || !IsProducer(start, catalog)) return best;
        var shape = (graph.Type(start.Outputs[0]) as TensorType)?.Shape;
        if (shape is null) return best;
        var members = new List<Node> { start };
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
            if (LeavingValues(graph, members, inside) == 1 && catalog.Accepts(Candidate(graph, members), target).IsYes) best = [.. members];
        }
        return best;

        void Enqueue(Node node)
        {
            foreach (int user in graph.Users(node.Outputs[0])) frontier.Enqueue(graph.Find(user)!, graph.Position(graph.Find(user)!));
        }
    }

    // Views move nothing, so that what follows them would not be fused into a computation.
    private static bool IsProducer(Node node, IKernelCatalog catalog) =>
        catalog.IsElementwise(node.Op) || node.Op is not (IR.Ops.Reshape or IR.Ops.Squeeze or IR.Ops.Unsqueeze or IR.Ops.Flatten);

    private static int LeavingValues(Graph graph, List<Node> members, HashSet<int> inside) => members.Count(m =>
        graph.Outputs.Any(o => o.Value == m.Outputs[0]) || graph.Users(m.Outputs[0]).Any(user => !inside.Contains(user)));

    private static KernelRegion Candidate(Graph graph, List<Node> members)
    {
        var edit = new GraphEdit(graph);
        var fused = Region.Fuse(edit, members, "candidate");
        return new KernelRegion(((IR.Ops.Fusion)fused.Op).Body, [.. fused.Inputs.Select(edit.Constant)]);
    }
}
