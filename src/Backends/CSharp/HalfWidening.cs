using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes;

namespace Nncc.Backends.CSharp;

/// <summary>
/// Makes a graph compute f16 and bf16 in binary32, since processors (and .NET) compute with nothing narrower: constants and attributes are
/// converted, inputs and outputs keep their types and are cast behind and before. Needs a canonical graph; afterwards only casts touch such
/// values.
/// Results
/// between are not rounded to 16 bits any more, so that they are more exact than the model says, and what would overflow does not.
/// Graphs with control flow stay as they are.
/// </summary>
public sealed class HalfWidening : IPass
{
    /// <inheritdoc/>
    public string Name => "half-widening";

    /// <inheritdoc/>
    public string Summary => "Computes f16 and bf16 in binary32. Inputs and outputs keep their types.";

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context) =>
        graph.Values.Any(v => v.Type is TensorType t && IsHalf(t.DType))
            && graph.Nodes.All(n => n.Op.Bodies.IsEmpty) ? Widen(graph, context) : graph;

    // Every type in it changes, so that the graph is built anew and not edited.
    private static Graph Widen(Graph graph, PassContext context)
    {
        var edit = new GraphEdit(graph.Name) { Stage = graph.Stage };
        var values = new Dictionary<int, int> { [Node.Absent] = Node.Absent };
        foreach (var input in graph.Inputs) values[input.Value] = edit.AddInput(graph[input.Value].Name, graph[input.Value].Type,
            input.Default);
        foreach (var input in graph.Inputs)
            if (graph[input.Value] is { Type: TensorType type } value && IsHalf(type.DType) && !graph.Users(input.Value).IsEmpty)
                values[input.Value] = edit.Insert(new Cast(DType.Float32), [values[input.Value]], Provenance.None, [$"{value.Name}.f32"])
                    .Outputs[0];
        foreach (var node in graph.Nodes)
        {
            var op = Widen(node.Op, context.Ops);
            if (op is Cast { To: var to } && edit[values[node.Inputs[0]]].Type is TensorType { DType: var from } && from == to)
            {
                values[node.Outputs[0]] = values[node.Inputs[0]];
                continue;
            }
            var copy = edit.Insert(op, [.. node.Inputs.Select(i => values[i])], node.Origin,
                [.. node.Outputs.Select(o => o == Node.Absent ? "" : graph[o].Name)]);
            for (int i = 0; i < node.Outputs.Length; i++)
            {
                if (node.Outputs[i] == Node.Absent) continue;
                values[node.Outputs[i]] = copy.Outputs[i];
                edit.Refine(copy.Outputs[i], Widen(graph[node.Outputs[i]].Type));
            }
        }
        foreach (var output in graph.Outputs)
        {
            int value = values[output.Value];
            if (graph[output.Value].Type is TensorType type && IsHalf(type.DType) && !edit[value].Type.Equals(type))
                value = edit.Insert(new Cast(type.DType), [value], Provenance.None, [$"{output.Name}.{type.DType.Name()}"]).Outputs[0];
            edit.AddOutput(output.Name, value);
        }
        return edit.Freeze();
    }

    private static bool IsHalf(DType dtype) => dtype is DType.Float16 or DType.BFloat16;

    private static IrType Widen(IrType type) => type is TensorType t && IsHalf(t.DType) ? t with { DType = DType.Float32 } : type;

    // The op with other dtypes and tensors among its attributes.
    private static Op Widen(Op op, OpRegistry ops)
    {
        if (ops.Find(op) is not { } definition) return op;
        Dictionary<string, object>? changed = null;
        foreach (var (name, value) in definition.Values(op))
        {
            object? other = value is Tensor tensor && IsHalf(tensor.DType) ? Widen(tensor)
                : value is long number && definition.Attribute(name)!.ClrType == typeof(DType)
                    && IsHalf((DType)number) ? (long)DType.Float32 : null;
            if (other is not null) (changed ??= definition.Values(op, omitDefaults: false).ToDictionary())[name] = other;
        }
        return changed is null ? op : definition.Create(changed);
    }

    private static Tensor Widen(Tensor half)
    {
        var items = new float[half.Count];
        if (half.DType == DType.Float16)
        {
            var from = half.Span<Half>();
            for (int i = 0; i < items.Length; i++) items[i] = (float)from[i];
        }
        else
        {
            var from = half.Span<ushort>();
            for (int i = 0; i < items.Length; i++) items[i] = BitConverter.UInt32BitsToSingle((uint)from[i] << 16);
        }
        return Tensor.Of(half.Dims.AsSpan(), items);
    }
}
