using System.Collections.Immutable;

namespace Nncc.IR;

/// <summary>
/// The function body of a node as a closed graph, with an input for each operand that is given: the same work in simpler ops. Written by
/// the op's <see cref="OpDefinition.Body"/>.
/// </summary>
public static class BodyGraph
{
    /// <summary>The body; null with the reason where the op has none, or none for these operands.</summary>
    /// <param name="node">The node, with one result.</param>
    /// <param name="ops">The ops.</param>
    /// <param name="type">Type of a value.</param>
    /// <param name="constant">Content of a value that is constant.</param>
    /// <param name="reason">Why there is none.</param>
    public static Graph? Of(Node node, OpRegistry ops, Func<int, IrType> type, Func<int, Tensor?> constant, out string? reason)
    {
        reason = null;
        if (ops.Find(node.Op) is not { Body: { } write } definition)
        {
            reason = $"{node.Op.FullName} is not made of simpler ops";
            return null;
        }
        var scope = new Scope(new GraphEdit(node.Op.Name), node.Origin);
        foreach (int operand in node.Inputs) scope.Input(operand, type, constant);
        int results = node.Outputs.Length;
        while (results > 1 && node.Outputs[results - 1] == Node.Absent) results--;
        var form = new OpForm(scope, node.Op.Domain, node.Op.Name, scope.Operands, results);
        form.TrimInputs();
        foreach (var (name, value) in definition.Values(node.Op)) form.Attributes[name] = value;
        reason = write(new FormBody(form));
        if (reason is not null) return null;
        var last = ops.Find(form.Domain, form.Name)!.Create(form.Attributes);
        scope.Edit.AddOutput("result", scope.Emit(last, [.. form.Inputs]));
        return scope.Edit.Freeze();
    }

    private sealed class Scope(GraphEdit edit, Provenance origin) : IFormScope
    {
        private readonly Dictionary<int, Tensor> constants = [];

        public GraphEdit Edit => edit;

        public List<int> Operands { get; } = [];

        public void Input(int operand, Func<int, IrType> type, Func<int, Tensor?> constant)
        {
            int value = operand == Node.Absent ? Node.Absent : edit.AddInput($"operand {Operands.Count}", type(operand));
            Operands.Add(value);
            if (value != Node.Absent && constant(operand) is { } content) constants[value] = content;
        }

        public IrType? Type(int value) => value == Node.Absent ? null : edit[value].Type;

        public Tensor? Constant(int value) => value == Node.Absent ? null
            : constants.TryGetValue(value, out var content) ? content : edit.Constant(value);

        public int AddConstant(Tensor tensor) => edit.AddConstant(tensor, origin: origin);

        public int Emit(Op op, params ReadOnlySpan<int> inputs) => edit.Insert(op, inputs, origin).Outputs[0];
    }
}
