namespace Nncc.IR;

/// <summary>
/// Writes a node as simpler ops that do its work: where an opset does not have its op yet the function body of the newer op, as the
/// standard gives it, and where a backend does not compute an op. Each of these ops rounds for itself.
/// </summary>
/// <param name="form">The node.</param>
public sealed class FormBody(OpForm form)
{
    /// <summary>The first operand.</summary>
    public int X => form.Inputs[0];

    /// <summary>The element type of the first operand.</summary>
    public DType DType => form.Type(0) is TensorType { DType: var dtype } ? dtype : DType.Unknown;

    /// <summary>A <see cref="FormChange.Down"/> that writes a node as other ops.</summary>
    /// <param name="since">The opset from which on the op exists.</param>
    /// <param name="write">Emits the nodes and ends with <see cref="Becomes"/>; gives why it cannot, or null.</param>
    public static Func<OpForm, string?> Down(int since, Func<FormBody, string?> write) => form =>
        form.Type(0) is TensorType { DType: DType.Float16 or DType.Float32 or DType.Float64 } ? write(new FormBody(form))
            : $"{form.Name} of {form.Type(0)} exists from opset {since} on";

    /// <summary>A node before the one at hand; gives its first result.</summary>
    public int Emit(Op op, params ReadOnlySpan<int> inputs) => form.Scope.Emit(op, inputs);

    /// <summary>A constant scalar of the operand's dtype.</summary>
    public int Number(double value) => Number(value, DType);

    /// <summary>A constant scalar.</summary>
    public int Number(double value, DType dtype) => form.Scope.AddConstant(Tensor.FromDoubles(dtype, [], [value]));

    /// <summary>A constant vector of sizes or axes.</summary>
    public int Longs(params ReadOnlySpan<long> items) => form.Scope.AddConstant(Tensor.Vector(items.ToArray()));

    /// <summary>A constant vector of the operand's dtype, all of one number.</summary>
    public int Filled(long count, double item) =>
        form.Scope.AddConstant(Tensor.FromDoubles(DType, [count], [.. Enumerable.Repeat(item, (int)count)]));

    /// <summary>
    /// The first operand [n, c, ...] as [n, outer, inner, ...], of any sizes. Reshape copies a size from its own place only, and what is
    /// left over says nothing of an empty tensor: an axis of 1 stands for the one that is added until then.
    /// </summary>
    public int WithChannelsApart(int rank, long outer, long inner) => Emit(new Ops.Reshape(), Emit(new Ops.Unsqueeze(), X, Longs(2)),
        Longs([0, outer, inner, .. new long[rank - 2]]));

    /// <summary>The operands of the Squeeze that makes [n, c, ...] again of [n, outer, inner, ...].</summary>
    public int[] ChannelsTogether(int value, int rank, long channels) =>
        [Emit(new Ops.Reshape(), value, Longs([0, channels, 1, .. new long[rank - 2]])), Longs(2)];

    /// <summary>Makes the node at hand another op of ai.onnx without attributes.</summary>
    public string? Becomes(string name, params ReadOnlySpan<int> inputs)
    {
        (form.Domain, form.Name) = ("", name);
        form.Attributes.Clear();
        form.Inputs.Clear();
        foreach (int input in inputs) form.Inputs.Add(input);
        return null;
    }

    /// <summary>The node itself, for what the others do not say.</summary>
    public OpForm Form => form;
}
