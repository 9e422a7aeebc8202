namespace Nncc.Passes.Transforms;

/// <summary>
/// Runs a pass on graphs in which nodes were replaced by their bodies, and leaves others as they are: bodies meet what stands around them,
/// such as two transposes in a row.
/// </summary>
/// <param name="step">Name of the pass that replaced them.</param>
/// <param name="pass">The pass to run.</param>
public sealed class AfterDecomposition(string step, IPass pass) : IPass
{
    /// <inheritdoc/>
    public string Name => pass.Name;

    /// <inheritdoc/>
    public string Summary => $"{pass.Summary} Only behind {step}, where it did something.";

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context) => HasBody(graph) ? pass.Run(graph, context) : graph;

    private bool HasBody(Graph graph) => graph.Nodes.Any(n => n.Origin.Steps.Contains(step) || n.Op.Bodies.Any(HasBody));
}
