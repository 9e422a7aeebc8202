using Nncc.Passes;

namespace Nncc.Backends.CSharp;

/// <summary>
/// Makes inputs that have a default (ONNX initializers that are inputs too, as older exporters write all weights) constants with that
/// content, so that they are packed with the other weights; says so once. Needs any graph; leaves inputs that must be given. The emitted
/// program has no way to override such an input: whoever needs one takes the ONNX backend.
/// </summary>
public sealed class DefaultBinding : IPass
{
    /// <inheritdoc/>
    public string Name => "default-binding";

    /// <inheritdoc/>
    public string Summary => "Makes inputs that have a default constants with that content. Leaves inputs that must be given.";

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context)
    {
        var edit = new GraphEdit(graph);
        int bound = 0;
        foreach (var input in graph.Inputs)
            if (input.Default is { } content && context.Step(edit, Name, () => Bind(edit, input.Value, content))) bound++;
        if (bound > 0) context.Notice($"{bound} input{(bound == 1 ? " has its default" : "s have their defaults")} in the emitted program "
            + $"and cannot be given to it");
        return edit.Freeze();
    }

    private static void Bind(GraphEdit edit, int input, Tensor content)
    {
        string name = edit[input].Name;
        if (!edit.IsUsed(input))
        {
            edit.RemoveInput(input);
            return;
        }
        int constant = edit.AddConstant(content, $"{name}.default");
        edit.ReplaceValue(input, constant);
        edit.RemoveInput(input);
        edit.Rename(constant, name);
    }
}
