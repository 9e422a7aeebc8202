using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>What If, Loop and Scan share of their bodies.</summary>
internal static class Body
{
    /// <summary>The sum of the work of all nodes.</summary>
    public static Work Measure(Graph body) =>
        body.Nodes.Aggregate(new Work(0, 0, 0, 0), (sum, node) => sum + node.Op.Measure(body.MeasureContext(node)));

    /// <summary>So many times the work.</summary>
    public static Work Times(this Work work, Dim count) =>
        new(work.Macs * count, work.Arithmetic * count, work.BytesIn * count, work.BytesOut * count);

    /// <summary>The body without one of its outputs.</summary>
    public static Graph WithoutOutput(Graph body, int output)
    {
        var edit = new GraphEdit(body);
        edit.SetOutputs(body.Outputs.Where((_, i) => i != output));
        return edit.Freeze();
    }

    /// <summary>The type of an output as it is seen outside.</summary>
    public static IrType Output(InferContext context, Graph body, int output) =>
        context.Escape(body[body.Outputs[output].Value].Type, body);

    /// <summary>The type of an input.</summary>
    public static IrType Input(Graph body, int input) => body[body.Inputs[input].Value].Type;

    /// <summary>Fault unless the body takes and gives the right numbers of values.</summary>
    public static void Check(InferContext context, Graph body, long inputs, long outputs, bool moreOutputs = false)
    {
        if (body.Inputs.Length != inputs || body.Outputs.Length < outputs || (body.Outputs.Length > outputs && !moreOutputs))
            throw context.Fault(FaultCodes.OperandCount,
                $"the body \"{body.Name}\" has {body.Inputs.Length} inputs and {body.Outputs.Length} outputs, "
                + $"here it takes {inputs} and gives {outputs}{(moreOutputs ? " or more" : "")}");
    }

    /// <summary>Results of iterations side by side along a new axis; for none a tensor without elements after the body's output.</summary>
    public static Tensor Stack(Graph body, int output, IReadOnlyList<Datum> items, long axis)
    {
        if (items.Count > 0)
        {
            var tensors = items.Select(item =>
                item as Tensor ?? throw EvaluateContext.Fault(FaultCodes.OperandType, $"{item.Type} cannot be stacked")).ToArray();
            int place = Places.Axis(axis, tensors[0].Rank + 1);
            return Concat.Join([.. tensors.Select(t => t.Reshape(t.Dims.Insert(Math.Min(place, t.Rank), 1).AsSpan()))], place);
        }
        if (body[body.Outputs[output].Value].Type is not TensorType { DType: not DType.Unknown, Shape: { } shape } type)
            throw EvaluateContext.Fault(FaultCodes.Data, $"without an iteration nothing is known of \"{body.Outputs[output].Name}\"");
        var dims = shape.Select(size => size.Value ?? 0).ToImmutableArray().Insert(Places.Axis(axis, shape.Rank + 1), 0);
        return type.DType == DType.String ? Tensor.Of<string>(dims.AsSpan(), []) : Tensor.Of<byte>(type.DType, dims.AsSpan(), []);
    }
}
