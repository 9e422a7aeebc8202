using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// For each index the element of the data at the index's own place, but along the axis at the index. Source: ai.onnx GatherElements.
/// </summary>
/// <param name="Axis">The axis.</param>
public sealed record GatherElements(long Axis = 0) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<GatherElements>("data indices", "output", [11, 13]).NewTypes(13, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        TensorType data = context.Tensor(0), indices = context.Integers(1);
        if (data.Shape is not null) context.Axis(Axis, data.Shape.Rank);
        if (data.Shape is not null && indices.Shape is not null && data.Shape.Rank != indices.Shape.Rank)
            throw context.Fault(FaultCodes.OperandShape, $"data and indices must have one rank, got {data} and {indices}");
        return [data with { Shape = indices.Shape }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        Tensor data = context.Tensor(0), indices = context.Tensor(1);
        return [Elements.Indexed(data, indices.Dims.AsSpan(), Offsets(data, indices, Places.Axis(Axis, data.Rank)))];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) =>
        new(0, 0, context.BytesOut + MeasureContext.Bytes(context.Inputs[1]), context.BytesOut);

    /// <summary>For each index, in order, where its element of the data stands.</summary>
    internal static long[] Offsets(Tensor data, Tensor indices, int axis)
    {
        if (data.Rank != indices.Rank || data.Dims.Where((size, k) => k != axis && indices.Dims[k] > size).Any())
            throw EvaluateContext.Fault(FaultCodes.Data, $"indices {indices.Type} do not fit {data.Type}");
        long[] strides = StridedWalk.Strides(data.Dims.AsSpan()), places = indices.ToLongs();
        long along = strides[axis], size = data.Dims[axis];
        strides[axis] = 0;
        var walk = new StridedWalk(indices.Dims.AsSpan(), strides);
        for (int at = 0; walk.Next();)
            for (long i = 0; i < walk.RowLength; i++, at++) places[at] =
                walk.Offset(0) + i * walk.Step(0) + Places.Resolve(places[at], size) * along;
        return places;
    }
}
