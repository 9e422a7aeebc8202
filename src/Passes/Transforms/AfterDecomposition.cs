namespace Nncc.Passes.Transforms;

/// <summary>
/// Runs a pass on graphs in which a <see cref="Decomposition"/> replaced nodes, and leaves others as they are: bodies meet what stands
/// around them, such as two transposes in a row.
/// </summary>
/// <param name="pass">The pass.</param>
public sealed class AfterDecomposition(IPass pass) : IPass
{
    /// <inheritdoc/>
    public string Name => pass.Name;

    /// <inheritdoc/>
    public string Summary => $"{pass.Summary} Only where nodes were decomposed.";

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context) => HasBody(graph) ? pass.Run(graph, context) : graph;

    private static bool HasBody(Graph graph) => graph.Nodes.Any(n => n.Op.Bodies.Any(HasBody)
        || n.Origin.Steps.Any(s => s.StartsWith(Decomposition.Prefix, StringComparison.Ordinal)));
}
