using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// The slices along an axis, or the elements of the flattened data, for which the condition is true; what the condition is too short for
/// is left out. Source: ai.onnx Compress.
/// </summary>
/// <param name="Axis">The axis; without it the data is flattened.</param>
public sealed record Compress(long? Axis = null) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<Compress>("input condition", "output", [9, 11]).NegativeAxes(11, "axis");

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var data = context.Tensor(0);
        context.Truths(1);
        var count = context.Constant(1) is { } condition ? condition.ToLongs().Count(c => c != 0) : context.Fresh();
        if (Axis is null) return [data with { Shape = [count] }];
        return [data.Shape is { } shape ? data with { Shape = new Shape(shape.Dims.SetItem(context.Axis(Axis.Value, shape.Rank), count)) }
            : data];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        Tensor data = context.Tensor(0), condition = context.Tensor(1);
        if (Axis is null) data = data.Reshape([data.Count]);
        int axis = Places.Axis(Axis ?? 0, data.Rank);
        long[] chosen = [.. condition.ToLongs().Select((c, i) => c != 0 ? i : -1L).Where(i => i >= 0)];
        if (chosen.Length > 0 && chosen[^1] >= data.Dims[axis])
            throw EvaluateContext.Fault(FaultCodes.Data, $"the condition chooses place {chosen[^1]} of an axis of size {data.Dims[axis]}");
        return [Elements.Separable(data,
            [.. data.Dims.Select((size, k) => k == axis ? chosen : [.. Enumerable.Range(0, (int)size).Select(i => (long)i)])])];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}
