using Nncc.Passes.Cost;
using Nncc.Passes.Targets;

namespace Nncc.Passes.Strategies;

/// <summary>
/// Merges kernels along each edge, in topological order, wherever one kernel computes both and is predicted to take no longer than the two.
/// </summary>
/// <param name="cost">Predicts; null for <see cref="MachineCostModel"/>.</param>
public sealed class GreedyFusion(ICostModel? cost = null) : IFusionStrategy
{
    /// <inheritdoc/>
    public string Name => "greedy";

    /// <inheritdoc/>
    public string Summary => "kernels merge along each edge while the predicted time does not rise";

    /// <inheritdoc/>
    public Graph Run(Graph graph, IKernelCatalog catalog, TargetProfile target, PassContext context) =>
        Regions.Fuse(graph, Partition(graph, catalog, target, cost ?? new MachineCostModel()), Name, context);

    internal static IReadOnlyList<IReadOnlyList<Node>> Partition(Graph graph, IKernelCatalog catalog, TargetProfile target, ICostModel cost)
    {
        var candidates = new RegionCandidates(graph, catalog, target);
        var costs = new RegionCosts(graph, catalog, target, cost);
        var regions = graph.Nodes.Where(RegionCandidates.IsComputed).ToDictionary(n => n.Id, n => (IReadOnlyList<Node>)[n]);
        foreach (var node in graph.Nodes)
        {
            if (!regions.ContainsKey(node.Id)) continue;
            foreach (int user in node.GivenOutputs.SelectMany(v => graph.Users(v)).Distinct())
            {
                IReadOnlyList<Node> from = regions[node.Id], to = regions[user];
                if (ReferenceEquals(from, to)) continue;
                Node[] merged = [.. from.Concat(to).OrderBy(graph.Position)];
                if (!candidates.IsLegal(merged) || costs.Of(merged) > costs.Of(from) + costs.Of(to)) continue;
                foreach (var member in merged) regions[member.Id] = merged;
            }
        }
        return [.. regions.Values.Where(r => r.Count > 1).Distinct(ReferenceEqualityComparer.Instance).Cast<IReadOnlyList<Node>>()];
    }
}
