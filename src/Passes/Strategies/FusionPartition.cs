using Nncc.Passes.Plugins;
using Nncc.Passes.Targets;

namespace Nncc.Passes.Strategies;

/// <summary>
/// Runs a fusion strategy. Needs a canonical graph; leaves constants and fusions only, at stage <see cref="Stage.Fused"/>; changes no
/// result.
/// </summary>
/// <param name="strategy">Decides what goes together.</param>
/// <param name="catalog">Decides what may.</param>
/// <param name="target">The machine.</param>
public sealed class FusionPartition(IFusionStrategy strategy, IKernelCatalog catalog, TargetProfile target) : IPass
{
    /// <inheritdoc/>
    public string Name => "fusion-partition";

    /// <inheritdoc/>
    public string Summary =>
        $"Partitions the graph into fusions by the strategy {strategy.Name}: {strategy.Summary}. Needs kernels for all nodes.";

    /// <summary>Decides what goes together.</summary>
    public IFusionStrategy Strategy => strategy;

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context)
    {
        var fused = strategy.Run(graph, catalog, target, context);
        PluginBlame.CheckRegions(strategy, fused, catalog, target);
        return fused;
    }
}
