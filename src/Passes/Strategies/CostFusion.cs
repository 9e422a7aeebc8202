using Nncc.Passes.Cost;
using Nncc.Passes.Layouts;
using Nncc.Passes.Programs;
using Nncc.Passes.Schedules;
using Nncc.Passes.Targets;

namespace Nncc.Passes.Strategies;

/// <summary>
/// Searches the partition that is predicted to take the least time. Regions that may be one kernel overlap in groups of nodes; in each
/// group
/// dynamic programming over the nodes in topological order, with a bounded beam, chooses those without a node in common that cost least.
/// What comes out is then predicted as a whole, with layouts and what changes them, beside the partitions of the other strategies, each of
/// which is kept if the search gains nothing: layouts make kernels depend on each other, which a group does not see. Layouts are searched
/// by cost, too. Deterministic, and bounded by the number of nodes times constants.
/// </summary>
/// <param name="cost">Predicts; null for <see cref="MachineCostModel"/>.</param>
public sealed class CostFusion(ICostModel? cost = null) : IFusionStrategy
{
    // Ways to partition the nodes before a node that are gone on with.
    private const int Beam = 32;

    // What is predicted to gain less stays as it was.
    private const double LeastGain = 0.005;

    private readonly ICostModel cost = cost ?? new MachineCostModel();

    /// <inheritdoc/>
    public string Name => "cost";

    /// <inheritdoc/>
    public string Summary => "the partition, layouts and schedules with the least predicted time";

    /// <inheritdoc/>
    public ICostModel LayoutCost => cost;

    /// <inheritdoc/>
    public Graph Run(Graph graph, IKernelCatalog catalog, TargetProfile target, PassContext context)
    {
        IReadOnlyList<IReadOnlyList<Node>>[] partitions =
        [
            EpilogueFusion.Partition(graph, catalog, target), Search(graph, catalog, target), [],
            GreedyFusion.Partition(graph, catalog, target, cost),
        ];
        double[] predicted = [.. partitions.Select(p => Predict(graph, p, catalog, target, context))];
        int best = 0;
        for (int i = 1; i < partitions.Length; i++)
            if (predicted[i] < predicted[best] * (1 - LeastGain)) best = i;
        return Regions.Fuse(graph, partitions[best], Name, context);
    }

    // Nanoseconds of the program that a partition becomes.
    private double Predict(Graph graph, IReadOnlyList<IReadOnlyList<Node>> partition, IKernelCatalog catalog, TargetProfile target,
        PassContext context)
    {
        var quiet = new PassContext(context.Ops) { Options = context.Options, Cancellation = context.Cancellation };
        var fused = Regions.Fuse(graph, partition, Name, quiet);
        var scheduled = new ScheduleSelection(catalog, target, cost).Run(new LayoutAssignment(catalog, target, cost).Run(fused, quiet),
            quiet);
        return ProgramBuilder.Build(scheduled, catalog, target, cost).Steps.Sum(step => step.Cost.TotalNs);
    }

    private List<IReadOnlyList<Node>> Search(Graph graph, IKernelCatalog catalog, TargetProfile target)
    {
        var candidates = new RegionCandidates(graph, catalog, target);
        var costs = new RegionCosts(graph, catalog, target, cost);
        var byFirst = new SortedDictionary<int, List<IReadOnlyList<Node>>>();
        foreach (var node in graph.Nodes.Where(RegionCandidates.IsComputed))
            foreach (var region in candidates.Proposed(node).Concat(candidates.Followed(node, new HashSet<int>())))
            {
                int first = region.Min(graph.Position);
                if (!byFirst.TryGetValue(first, out var list)) byFirst[first] = list = [];
                if (!list.Any(r => r.SequenceEqual(region))) list.Add(region);
            }
        var chosen = new List<IReadOnlyList<Node>>();
        foreach (var group in Groups(graph, byFirst.Values.SelectMany(r => r))) chosen.AddRange(Best(graph, group, byFirst, costs));
        return chosen;
    }

    // Nodes that regions which overlap have together, in topological order.
    private static IEnumerable<List<Node>> Groups(Graph graph, IEnumerable<IReadOnlyList<Node>> regions)
    {
        var parent = new Dictionary<int, int>();
        foreach (var region in regions)
            foreach (var node in region) parent[Find(node.Id)] = Find(region[0].Id);
        return graph.Nodes.Where(n => parent.ContainsKey(n.Id)).GroupBy(n => Find(n.Id)).Select(g => g.ToList());

        int Find(int id)
        {
            while (parent.TryGetValue(id, out int next) && next != id) id = next;
            if (!parent.ContainsKey(id)) parent[id] = id;
            return id;
        }
    }

    private sealed record State(double Cost, HashSet<int> Taken, State? Before, IReadOnlyList<Node>? Region);

    // The regions of the cheapest partition of a group that was found.
    private static IEnumerable<IReadOnlyList<Node>> Best(Graph graph, List<Node> group,
        SortedDictionary<int, List<IReadOnlyList<Node>>> byFirst, RegionCosts costs)
    {
        var states = new List<State> { new(0, [], null, null) };
        foreach (var node in group)
        {
            var next = new Dictionary<string, State>(StringComparer.Ordinal);
            foreach (var state in states)
            {
                if (state.Taken.Contains(node.Id))
                {
                    Offer(state with { Taken = [.. state.Taken.Where(id => id != node.Id)] });
                    continue;
                }
                Offer(new State(state.Cost + costs.Of([node]), state.Taken, state, null));
                if (!byFirst.TryGetValue(graph.Position(node), out var regions)) continue;
                foreach (var region in regions)
                    if (!region.Any(n => state.Taken.Contains(n.Id)))
                        Offer(new State(state.Cost + costs.Of(region),
                            [.. state.Taken.Concat(region.Where(n => n.Id != node.Id).Select(n => n.Id))], state, region));
            }
            states = [.. next.Values.OrderBy(s => s.Cost).Take(Beam)];

            void Offer(State state)
            {
                string key = string.Join(' ', state.Taken.Order());
                if (!next.TryGetValue(key, out var there) || state.Cost < there.Cost) next[key] = state;
            }
        }
        for (var state = states.MinBy(s => s.Cost); state is not null; state = state.Before)
            if (state.Region is not null) yield return state.Region;
    }
}
