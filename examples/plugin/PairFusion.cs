using Nncc.IR;
using Nncc.Passes;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Example.Swish;

/// <summary>A fusion strategy: a node and at most one elementwise op behind it are a kernel.</summary>
public sealed class PairFusion : IFusionStrategy
{
    /// <inheritdoc/>
    public string Name => "pairs";

    /// <inheritdoc/>
    public string Summary => "two ops a kernel at most";

    /// <inheritdoc/>
    public Graph Run(Graph graph, IKernelCatalog catalog, TargetProfile target, PassContext context)
    {
        var candidates = new RegionCandidates(graph, catalog, target);
        var taken = new HashSet<int>();
        var regions = new List<IReadOnlyList<Node>>();
        foreach (var node in graph.Nodes)
        {
            if (!RegionCandidates.IsComputed(node) || !taken.Add(node.Id)) continue;
            if (candidates.Followed(node, taken).FirstOrDefault(nodes => nodes.Count == 2) is not { } pair) continue;
            taken.Add(pair[1].Id);
            regions.Add(pair);
        }
        return Regions.Fuse(graph, regions, Name, context);
    }
}
