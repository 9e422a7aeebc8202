using Nncc.IR;

namespace Nncc.Passes.Transforms;

/// <summary>
/// Says that a graph has reached a stage; from then on the verifier holds every op to it. Bodies have the stage of their graph.
/// </summary>
/// <param name="stage">The stage.</param>
public sealed class StageEntry(Stage stage) : IPass
{
    /// <inheritdoc/>
    public string Name => $"enter-{stage.ToString().ToLowerInvariant()}";

    /// <inheritdoc/>
    public string Summary =>
        $"Marks the graph and its bodies as {stage.ToString().ToLowerInvariant()}. Needs all ops of earlier stages to be gone.";

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context)
    {
        graph = context.InBodies(graph, Run);
        var edit = new GraphEdit(graph);
        if (graph.Stage != stage) context.Step(edit, Name, () => edit.Stage = stage);
        return edit.Freeze();
    }
}
