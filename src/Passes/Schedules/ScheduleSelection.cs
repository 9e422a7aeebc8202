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
    /// <inheritdoc/>
    public string Name => "schedule-selection";

    /// <inheritdoc/>
    public string Summary => "Gives every fusion the schedule that the cost model finds cheapest. Needs layouts.";

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context)
    {
        var edit = new GraphEdit(graph) { Stage = Stage.Scheduled };
        var faults = new List<Fault>();
        foreach (var node in graph.Nodes)
        {
            if (node.Op is not Fusion { Schedule: null } fusion) continue;
            var region = KernelRegion.Of(graph, node);
            if (catalog.Accepts(region, target).Reason is { } reason)
            {
                faults.Add(new Fault(FaultCodes.NoKernel, reason, Place(node, fusion)));
                continue;
            }
            var best = catalog.Space(region, target).MinBy(s => cost.Predict(catalog.Features(region, s, target), target).TotalNs)!;
            edit.Change(node, fusion with { Schedule = best.ToString() }, node.Inputs.AsSpan());
        }
        return faults.Count == 0 ? edit.Freeze() : throw new NnccException([.. faults]);
    }

    private static string Place(Node node, Fusion fusion) =>
        $"{node.Origin} ({string.Join("+", fusion.Body.Nodes.Select(n => n.Op.FullName))})";
}
