using Nncc.IR;

namespace Nncc.Passes.Transforms;

/// <summary>
/// Reads inputs that have a default (ONNX initializers that are inputs too, as older exporters write all weights) as constants with that
/// content, so that they fold. The inputs stay as they are, but nothing uses them any more: giving another content has no effect, which is
/// said once. <see cref="CompileOptions.KeepOverridable"/> leaves them alone.
/// </summary>
public sealed class DefaultConstants : IPass
{
    /// <inheritdoc/>
    public string Name => "default-constants";

    /// <inheritdoc/>
    public string Summary => "Puts constants in for inputs that have a default. Never removes or changes an input.";

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context)
    {
        if (context.Options.KeepOverridable) return graph;
        var edit = new GraphEdit(graph);
        int bound = 0;
        foreach (var input in graph.Inputs)
            if (input.Default is { } content && edit.IsUsed(input.Value) && context.Step(edit, Name, () => edit.ReplaceValue(input.Value,
                    edit.AddConstant(content, $"{edit[input.Value].Name}.default")))) bound++;
        if (bound > 0) context.Notice($"{bound} input{(bound == 1 ? " is" : "s are")} taken to have the initializer that the model gives",
            null,
            "--keep-overridable leaves them to the caller and nothing is folded into them");
        return edit.Freeze();
    }
}
