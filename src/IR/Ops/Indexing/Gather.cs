using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// Slices of the data along an axis: the axis is replaced by the axes of the indices, which count from the end where negative.
/// Source: ai.onnx Gather.
/// </summary>
/// <param name="Axis">The axis.</param>
public sealed record Gather(long Axis = 0) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Gather>("data indices", "output", [1, 11, 13])
        .NegativeAxes(11, "axis").NewTypes(13, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        TensorType data = context.Tensor(0), indices = context.Integers(1);
        if (data.Shape is not { } shape) return [data];
        int axis = context.Axis(Axis, shape.Rank);
        if (context.Constant(1) is { } constant && shape[axis].Value is { } size && constant.ToLongs().Any(i => i < -size || i >= size))
            throw context.Fault(FaultCodes.OperandShape,
                $"indices [{string.Join(",", constant.ToLongs().Take(8))}] are outside of axis {axis} of {data}");
        if (shape.Rank == 1 && context.Known(0) is { } known && context.Known(1) is { } places
            && places.All(p => p.Value is { } i && i >= -known.Length && i < known.Length))
            context.Know(0, [.. places.Select(p => known[(int)(p.Value!.Value < 0 ? p.Value.Value + known.Length : p.Value.Value)])]);
        return [data with { Shape = indices.Shape is null ? null
            : new Shape([.. shape.Take(axis), .. indices.Shape, .. shape.Skip(axis + 1)]) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        Tensor data = context.Tensor(0), indices = context.Tensor(1);
        int axis = Places.Axis(Axis, data.Rank);
        long size = data.Dims[axis], block = Places.Product(data.Dims.Skip(axis + 1)), rows = Places.Product(data.Dims.Take(axis));
        long[] places = [.. indices.ToLongs().Select(i => Places.Resolve(i, size))], blocks = new long[rows * places.Length];
        for (int row = 0; row < rows; row++)
            for (int i = 0; i < places.Length; i++) blocks[row * places.Length + i] = row * size + places[i];
        return [Elements.Indexed(data, [.. data.Dims.Take(axis), .. indices.Dims, .. data.Dims.Skip(axis + 1)], blocks, block)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) =>
        new(0, 0, context.BytesOut + MeasureContext.Bytes(context.Inputs[1]), context.BytesOut);
}
