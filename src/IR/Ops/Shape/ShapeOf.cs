using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// The sizes of the data's axes from <paramref name="Start"/> to <paramref name="End"/> (not included), int64. Source: ai.onnx Shape.
/// </summary>
/// <param name="Start">First axis; a negative one counts from the end.</param>
/// <param name="End">Axis behind the last; all from the first on by default.</param>
public sealed record ShapeOf(long Start = 0, long? End = null) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<ShapeOf>("data", "shape", [1, 13, 15, 19, 21, 23, 24, 25], name: "Shape").NewAttributes(15, "start",
            "end").AllTypes();

    /// <inheritdoc/>
    public override string Name => "Shape";

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        if (context.Tensor(0).Shape is not { } shape) return [new TensorType(DType.Int64, [context.Fresh()])];
        var (first, count) = Range(shape.Rank);
        context.Know(0, shape.Dims.Slice(first, count));
        return [new TensorType(DType.Int64, [count])];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var data = context.Tensor(0);
        var (first, count) = Range(data.Rank);
        return [Tensor.Vector(data.Dims.Slice(first, count).ToArray())];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => new(0, 0, 0, context.BytesOut);

    private (int First, int Count) Range(int rank)
    {
        long first = Math.Clamp(Start < 0 ? Start + rank : Start, 0, rank), end = End ?? rank;
        return ((int)first, (int)Math.Max(0, Math.Clamp(end < 0 ? end + rank : end, 0, rank) - first));
    }
}

/// <summary>The number of elements, an int64 scalar. Source: ai.onnx Size.</summary>
public sealed record Size : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Size>("data", "size", [1, 13, 19, 21, 23, 24, 25]).AllTypes();

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        if (context.Tensor(0).Shape is { } shape) context.Know(0, [shape.Count]);
        return [new TensorType(DType.Int64, Shape.Scalar)];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context) => [Tensor.Scalar(context.Tensor(0).Count)];

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => new(0, 0, 0, context.BytesOut);
}
