namespace Nncc.Passes.Strategies;

/// <summary>Carries out a partition.</summary>
public static class Regions
{
    /// <summary>
    /// The graph with a fusion for each region and for each node that is in none, at stage <see cref="Stage.Fused"/>. Each region of
    /// several nodes is a step that a limit can leave out.
    /// </summary>
    /// <param name="graph">A canonical graph.</param>
    /// <param name="regions">Regions of more than one node, without a node in common.</param>
    /// <param name="strategy">Name of the strategy, for steps and origins.</param>
    /// <param name="context">Counts and limits steps.</param>
    /// <exception cref="ArgumentException">A node is in two regions.</exception>
    public static Graph Fuse(Graph graph, IReadOnlyList<IReadOnlyList<Node>> regions, string strategy, PassContext context)
    {
        if (regions.SelectMany(r => r).GroupBy(n => n.Id).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new ArgumentException($"the strategy {strategy} has {twice.First().Place} in two regions", nameof(regions));
        var byFirst = regions.ToDictionary(r => r.Min(graph.Position), r => r);
        var inside = regions.SelectMany(r => r.Select(n => n.Id)).ToHashSet();
        var edit = new GraphEdit(graph) { Stage = Stage.Fused };
        foreach (var node in graph.Nodes)
        {
            if (!RegionCandidates.IsComputed(node)) continue;
            if (byFirst.TryGetValue(graph.Position(node), out var region))
            {
                if (context.Step(edit, strategy, () => Region.Fuse(edit, region, strategy))) continue;
                foreach (var member in region) Region.Fuse(edit, [member], strategy);
            }
            else if (!inside.Contains(node.Id))
            {
                Region.Fuse(edit, [node], strategy);
            }
        }
        return edit.Freeze();
    }
}
