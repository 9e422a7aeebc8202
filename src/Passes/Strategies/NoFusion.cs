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
    public Graph Run(Graph graph, IKernelCatalog catalog, TargetProfile target, PassContext context)
    {
        var edit = new GraphEdit(graph) { Stage = Stage.Fused };
        foreach (var node in graph.Nodes)
            if (node.Op is not (IR.Ops.Constant or IR.Ops.Fusion)) Region.Fuse(edit, [node], Name);
        return edit.Freeze();
    }
}
