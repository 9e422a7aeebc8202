using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Passes.Plans;

/// <summary>Partitions as a plan says.</summary>
/// <param name="plan">The plan.</param>
/// <param name="file">Where it was read from, for messages.</param>
public sealed class PlannedFusion(Plan plan, string file) : IFusionStrategy
{
    /// <inheritdoc/>
    public string Name => "plan";

    /// <inheritdoc/>
    public string Summary => "what a plan says";

    /// <inheritdoc/>
    public Plan Plan => plan;

    /// <inheritdoc/>
    public Graph Run(Graph graph, IKernelCatalog catalog, TargetProfile target, PassContext context)
    {
        if (plan.Target != Plan.AnyTarget && plan.Target != target.Name)
            throw new NnccException(FaultCodes.BadPlan, $"the plan is for the target {plan.Target}, not for {target.Name}", file,
                $"a plan with the line \"target {Plan.AnyTarget}\" and without layouts and tile sizes is for any");
        if (Plan.Fingerprint(graph) is var model && model != plan.Model)
            throw new NnccException(FaultCodes.BadPlan,
                $"the plan is of another model, or of this one under other options ({plan.Model}, not {model})", file,
                "write it anew with \"nncc compile MODEL --emit-plan FILE\" and the same options");
        var candidates = new RegionCandidates(graph, catalog, target);
        var makers = graph.Nodes.Where(RegionCandidates.IsComputed).SelectMany(n => n.GivenOutputs.Select(v => (graph[v].Name, n)))
            .ToDictionary(p => p.Name, p => p.n, StringComparer.Ordinal);
        var faults = new List<Fault>();
        var taken = new Dictionary<int, string>();
        var regions = new List<IReadOnlyList<Node>>();
        foreach (var region in plan.Regions)
        {
            var unknown = region.Values.Where(v => !makers.ContainsKey(v)).ToList();
            foreach (string value in unknown)
                faults.Add(new Fault(FaultCodes.BadPlan, $"no node gives a value \"{value}\"", region.Place, Suggestion.For(value,
                    makers.Keys, "there are")));
            if (unknown.Count > 0) continue;
            Node[] nodes = [.. region.Values.Select(v => makers[v]).DistinctBy(n => n.Id).OrderBy(graph.Position)];
            foreach (var twice in nodes.Where(n => !taken.TryAdd(n.Id, region.Place)))
                faults.Add(new Fault(FaultCodes.BadPlan, $"{twice.Place} is in another region already ({taken[twice.Id]})", region.Place));
            if (nodes.Length == 1) continue;
            if (candidates.Refusal(nodes) is { } reason) faults.Add(new Fault(FaultCodes.BadPlan, $"this is no region: {reason}",
                region.Place));
            regions.Add(nodes);
        }
        return faults.Count == 0 ? Regions.Fuse(graph, regions, Name, context) : throw new NnccException([.. faults]);
    }
}
