using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes.Cost;
using Nncc.Passes.Plans;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Passes.Schedules;

/// <summary>
/// Gives each fusion the legal schedule that the cost model finds cheapest; of those that it cannot tell apart the first. Needs a fused
/// graph
/// with layouts and static sizes; leaves it at stage <see cref="Stage.Scheduled"/>; changes no result.
/// </summary>
/// <param name="catalog">Knows the legal schedules.</param>
/// <param name="target">The machine.</param>
/// <param name="cost">Compares them.</param>
/// <param name="plan">Says of which schedules it is chosen; null for all.</param>
public sealed class ScheduleSelection(IKernelCatalog catalog, TargetProfile target, ICostModel cost, Plan? plan = null) : IPass
{
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
            var best = plan?.RegionOf(graph, node) is { Schedule: not null } planned ? Planned(planned, region, modelBytes, faults)
                : SchedulePredictions.Best(catalog, target, cost, region, modelBytes).Schedule;
            if (best is not null) edit.Change(node, fusion with { Schedule = best.ToString() }, node.Inputs.AsSpan());
        }
        return faults.Count == 0 ? edit.Freeze() : throw new NnccException([.. faults]);
    }

    private Schedule? Planned(PlanRegion planned, KernelRegion region, double modelBytes, List<Fault> faults)
    {
        var all = SchedulePredictions.All(catalog, target, cost, region, modelBytes);
        var meant = all.Where(s => planned.Allows(s.Schedule)).ToArray();
        if (meant.Length > 0) return SchedulePredictions.Cheapest(meant).Schedule;
        var legal = all.OrderBy(s => s.Cost.TotalNs).Take(3).Select(s => s.Schedule.ToString()).ToArray();
        faults.Add(new Fault(FaultCodes.BadPlan, $"{planned.Schedule} is no schedule of this region", planned.Place,
            $"of {all.Count} legal ones the cheapest are {string.Join(", ", legal)}"));
        return null;
    }

    private static string Place(Node node, Fusion fusion) =>
        $"{node.Origin} ({string.Join("+", fusion.Body.Nodes.Select(n => n.Op.FullName))})";
}
