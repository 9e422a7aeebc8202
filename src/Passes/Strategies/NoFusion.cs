using Nncc.Passes.Targets;

namespace Nncc.Passes.Strategies;

/// <summary>Every op is a kernel of its own: what the others are compared with.</summary>
public sealed class NoFusion : IFusionStrategy
{
    /// <inheritdoc/>
    public string Name => "none";

    /// <inheritdoc/>
    public string Summary => "every op is its own kernel";

    /// <inheritdoc/>
    public Graph Run(Graph graph, IKernelCatalog catalog, TargetProfile target, PassContext context) =>
        Regions.Fuse(graph, [], Name, context);
}
