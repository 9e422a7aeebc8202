using Nncc.IR.Ops;
using Nncc.Passes.Cost;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Passes.Schedules;

/// <summary>
/// Gives each fusion the legal schedule that the cost model finds cheapest; among equals the first. Needs a fused graph with layouts and
/// static sizes; leaves it at stage <see cref="Stage.Scheduled"/>; changes no result.
/// </summary>
/// <param name="catalog">Knows the legal schedules.</param>
/// <param name="target">The machine.</param>
/// <param name="cost">Compares them.</param>
public sealed class ScheduleSelection(IKernelCatalog catalog, TargetProfile target, ICostModel cost) : IPass
{
    // Of predictions that differ by less none is better.
    private const double Exactness = 0.02;

    /// <inheritdoc/>
    public string Name => "schedule-selection";

    /// <inheritdoc/>
    public string Summary => "Gives every fusion the schedule that the cost model finds cheapest. Needs layouts.";

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context)
    {
        var edit = new GraphEdit(graph) { Stage = Stage.Scheduled };
        var faults = new List<Fault>();
        double modelBytes = MachineCostModel.ModelBytes(graph);
        foreach (var node in graph.Nodes)
        {
            if (node.Op is not Fusion { Schedule: null } fusion) continue;
            var region = KernelRegion.Of(graph, node);
            if (catalog.Accepts(region, target).Reason is { } reason)
            {
                faults.Add(new Fault(FaultCodes.NoKernel, reason, Place(node, fusion)));
                continue;
            }
            var best = Best(catalog, target, cost, region, modelBytes).Schedule;
            edit.Change(node, fusion with { Schedule = best.ToString() }, node.Inputs.AsSpan());
        }
        return faults.Count == 0 ? edit.Freeze() : throw new NnccException([.. faults]);
    }

    /// <summary>
    /// The schedule of a region that is taken: the first, in the order of the templates' own knowledge, of those that are predicted to
    /// differ from the cheapest by less than predictions are exact.
    /// </summary>
    /// <param name="catalog">Knows the legal schedules.</param>
    /// <param name="target">The machine.</param>
    /// <param name="cost">Compares them.</param>
    /// <param name="region">The region, which the catalog accepts.</param>
    /// <param name="modelBytes">As <see cref="ICostModel.Predict"/> takes them.</param>
    public static (Schedule Schedule, KernelCost Cost) Best(IKernelCatalog catalog, TargetProfile target, ICostModel cost, KernelRegion region,
        double modelBytes)
    {
        var predicted = catalog.Space(region, target)
            .Select(s => (Schedule: s, Cost: cost.Predict(catalog.Features(region, s, target), target, modelBytes))).ToList();
        double least = predicted.Min(p => p.Cost.TotalNs);
        return predicted.First(p => p.Cost.TotalNs <= least * (1 + Exactness));
    }

    private static string Place(Node node, Fusion fusion) =>
        $"{node.Origin} ({string.Join("+", fusion.Body.Nodes.Select(n => n.Op.FullName))})";
}
