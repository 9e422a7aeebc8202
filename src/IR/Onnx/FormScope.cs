namespace Nncc.IR.Onnx;

/// <summary>What a change of form sees of its graph: an open <see cref="GraphEdit"/>, into which its constants and nodes go.</summary>
/// <param name="edit">The graph.</param>
/// <param name="names">Gives names to what is added.</param>
/// <param name="origin">Where the node at hand comes from; what is added comes from there too.</param>
/// <param name="added">Told of each node that is added.</param>
/// <param name="captured">Content of a captured value that is a constant outside of this graph.</param>
internal sealed class FormScope(
    GraphEdit edit, Names names, Provenance origin, Action<Node>? added = null, Func<int, Tensor?>? captured = null) : IFormScope
{
    public IrType? Type(int value) => value == Node.Absent ? null : edit[value].Type;

    public Tensor? Constant(int value) => value == Node.Absent ? null : edit.Constant(value) ?? captured?.Invoke(value);

    public int AddConstant(Tensor tensor)
    {
        var node = edit.Insert(new Ops.Constant(tensor), [], origin, [names.Unique("constant")]);
        added?.Invoke(node);
        return node.Outputs[0];
    }

    public int Emit(Op op, params ReadOnlySpan<int> inputs)
    {
        var node = edit.Insert(op, inputs, origin, [names.Unique(op.Name.ToLowerInvariant())]);
        added?.Invoke(node);
        return node.Outputs[0];
    }
}
