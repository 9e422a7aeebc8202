using Nncc.Passes.Cost;
using Nncc.Passes.Plans;
using Nncc.Passes.Targets;

namespace Nncc.Passes.Strategies;

/// <summary>
/// Partitions a canonical graph into fusions: afterwards every node is a constant or a fusion. What may be fused is asked of the catalog.
/// </summary>
public interface IFusionStrategy
{
    /// <summary>Name for <c>--strategy</c>.</summary>
    string Name { get; }

    /// <summary>What it does, in a sentence.</summary>
    string Summary { get; }

    /// <summary>What layouts are chosen by as well; null to choose them by the knowledge of the kernels.</summary>
    ICostModel? LayoutCost => null;

    /// <summary>A plan that says layouts and schedules as well; null where they are chosen.</summary>
    Plan? Plan => null;

    /// <summary>The partitioned graph, at stage <see cref="Stage.Fused"/>.</summary>
    Graph Run(Graph graph, IKernelCatalog catalog, TargetProfile target, PassContext context);
}
