using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// A new axis of size depth, on which the place that the index says holds the second of the values and the others the first. Negative
/// indices count from the end; those outside hold the first value throughout. Source: ai.onnx OneHot.
/// </summary>
/// <param name="Axis">Where the new axis is in the result.</param>
public sealed record OneHot(long Axis = -1) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<OneHot>("indices depth values", "output", [9, 11]).NegativeAxes(11, "axis");

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        TensorType indices = context.Numbers(0), values = context.Tensor(2);
        context.Numbers(1);
        if (values.Shape is { } pair && (pair.Rank != 1 || Dim.AreEqual(pair[0], 2) == Answer.No))
            throw context.Fault(FaultCodes.OperandShape, $"two values are expected, got {values}");
        if (indices.Shape is not { } shape) return [values with { Shape = null }];
        int axis = context.Axis(Axis, shape.Rank + 1);
        var depth = context.Constant(1) is { Count: 1 } constant ? constant.ToLong() : context.Known(1) is [var known] ? known
            : context.Fresh();
        if (depth.Value < 0) throw context.Fault(FaultCodes.OperandShape, $"depth {depth} is negative");
        return [values with { Shape = new Shape(shape.Dims.Insert(axis, depth)) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        Tensor indices = context.Tensor(0), values = context.Tensor(2);
        long depth = context.Single(1).ToLong();
        int axis = Places.Axis(Axis, indices.Rank + 1);
        if (depth < 0 || values.Count != 2) throw EvaluateContext.Fault(FaultCodes.Data, $"depth {depth} and values {values.Type}");
        Broadcasting.Count(indices.Dims.Insert(axis, depth).AsSpan());
        long inner = Places.Product(indices.Dims.Skip(axis));
        var choice = new long[indices.Count * depth];
        long[] places = indices.ToLongs();
        for (long i = 0; i < places.Length; i++)
        {
            long place = places[i] < 0 ? places[i] + depth : places[i];
            if (place >= 0 && place < depth) choice[(i / inner * depth + place) * inner + i % inner] = 1;
        }
        return [Elements.Indexed(values, indices.Dims.Insert(axis, depth).AsSpan(), choice)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}
