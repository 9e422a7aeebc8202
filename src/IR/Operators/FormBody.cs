namespace Nncc.IR;

/// <summary>
/// Writes a node as other ops, where an opset does not have its op yet: the function body of the newer op, as the standard gives it. For
/// binary32 and binary64 only: with halves each step would round.
/// </summary>
/// <param name="form">The node.</param>
public sealed class FormBody(OpForm form)
{
    /// <summary>The first operand.</summary>
    public int X => form.Inputs[0];

    /// <summary>A <see cref="FormChange.Down"/> that writes a node as other ops.</summary>
    /// <param name="since">The opset from which on the op exists.</param>
    /// <param name="write">Emits the nodes and ends with <see cref="Becomes"/>; gives why it cannot, or null.</param>
    public static Func<OpForm, string?> Down(int since, Func<FormBody, string?> write) => form =>
        form.Type(0) is TensorType { DType: DType.Float32 or DType.Float64 } ? write(new FormBody(form))
            : $"{form.Name} of {form.Type(0)} exists from opset {since} on";

    /// <summary>A node before the one at hand; gives its first result.</summary>
    public int Emit(Op op, params ReadOnlySpan<int> inputs) => form.Scope.Emit(op, inputs);

    /// <summary>A constant scalar of the operand's dtype.</summary>
    public int Number(double value) => form.Scope.AddConstant(Tensor.FromDoubles(((TensorType)form.Type(0)!).DType, [], [value]));

    /// <summary>Makes the node at hand another op without attributes.</summary>
    public string? Becomes(string name, params ReadOnlySpan<int> inputs)
    {
        form.Name = name;
        form.Attributes.Clear();
        form.Inputs.Clear();
        foreach (int input in inputs) form.Inputs.Add(input);
        return null;
    }

    /// <summary>The node itself, for what the others do not say.</summary>
    public OpForm Form => form;
}
