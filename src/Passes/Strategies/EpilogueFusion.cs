using Nncc.Passes.Targets;

namespace Nncc.Passes.Strategies;

/// <summary>
/// What a kernel takes as a whole by the catalog's proposals (such as attention) comes first. Of the rest, elementwise ops go into the
/// kernel of their producer: the largest set of followers of each node that the catalog accepts.
/// </summary>
public sealed class EpilogueFusion : IFusionStrategy
{
    /// <inheritdoc/>
    public string Name => "rules";

    /// <inheritdoc/>
    public string Summary => "elementwise chains go into their producers";

    /// <inheritdoc/>
    public Graph Run(Graph graph, IKernelCatalog catalog, TargetProfile target, PassContext context) =>
        Regions.Fuse(graph, Partition(graph, catalog, target), Name, context);

    /// <summary>The regions of more than one node.</summary>
    internal static IReadOnlyList<IReadOnlyList<Node>> Partition(Graph graph, IKernelCatalog catalog, TargetProfile target)
    {
        var candidates = new RegionCandidates(graph, catalog, target);
        var taken = new HashSet<int>();
        var regions = new List<IReadOnlyList<Node>>();
        foreach (var node in graph.Nodes)
            if (RegionCandidates.IsComputed(node) && !taken.Contains(node.Id))
                Take(candidates.Proposed(node).FirstOrDefault(p => !p.Any(n => taken.Contains(n.Id))));
        foreach (var node in graph.Nodes)
            if (RegionCandidates.IsComputed(node) && taken.Add(node.Id)) Take(candidates.Followed(node, taken).FirstOrDefault());
        return regions;

        void Take(IReadOnlyList<Node>? region)
        {
            if (region is null) return;
            taken.UnionWith(region.Select(n => n.Id));
            regions.Add(region);
        }
    }
}
