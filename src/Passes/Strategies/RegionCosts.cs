using Nncc.Passes.Cost;
using Nncc.Passes.Schedules;
using Nncc.Passes.Targets;

namespace Nncc.Passes.Strategies;

/// <summary>
/// Predicted nanoseconds of sets of nodes as one kernel each, under the layouts and the schedule that suit them best, whatever their
/// neighbours take.
/// </summary>
internal sealed class RegionCosts(Graph graph, IKernelCatalog catalog, TargetProfile target, ICostModel cost)
{
    private readonly RegionCandidates candidates = new(graph, catalog, target);
    private readonly Dictionary<string, double> known = new(StringComparer.Ordinal);
    private readonly double modelBytes = MachineCostModel.ModelBytes(graph);

    /// <summary>The cost of nodes that the catalog accepts; infinite for what no kernel computes.</summary>
    public double Of(IReadOnlyList<Node> nodes)
    {
        string key = string.Join(' ', nodes.Select(n => n.Id));
        if (known.TryGetValue(key, out double there)) return there;
        var region = candidates.Region(nodes);
        double best = double.PositiveInfinity;
        if (catalog.Accepts(region, target).IsYes)
            foreach (var layouts in catalog.Layouts(region, target))
                best = Math.Min(best, Best(region with { Layouts = layouts.IsPlain ? null : layouts }));
        return known[key] = best;
    }

    private double Best(KernelRegion region) => catalog.Space(region, target).Count == 0 ? double.PositiveInfinity
        : SchedulePredictions.Best(catalog, target, cost, region, modelBytes).Cost.TotalNs;
}
