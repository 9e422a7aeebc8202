using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// For each row of the indices (their last axis) the part of the data whose first axes, after those of the batch, are at that row.
/// Source: ai.onnx GatherND.
/// </summary>
/// <param name="BatchDims">Number of leading axes that data and indices share.</param>
public sealed record GatherND(long BatchDims = 0) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<GatherND>("data indices", "output", [11, 12, 13])
        .NewAttributes(12, "batch_dims").NewTypes(13, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        TensorType data = context.Tensor(0), indices = context.Integers(1);
        if (data.Shape is not { } shape || indices.Shape is not { } places || places.Rank == 0 || places[^1].Value is not { } depth)
            return [data with { Shape = null }];
        if (BatchDims < 0 || BatchDims >= Math.Min(shape.Rank, places.Rank) || depth < 1 || BatchDims + depth > shape.Rank)
            throw context.Fault(FaultCodes.OperandShape, $"indices {indices} do not fit {data} with {BatchDims} batch axes");
        return [data with { Shape = new Shape([.. places.SkipLast(1), .. shape.Skip((int)(BatchDims + depth))]) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        Tensor data = context.Tensor(0), indices = context.Tensor(1);
        long depth = indices.Rank == 0 ? 0 : indices.Dims[^1];
        if (depth < 1 || BatchDims < 0 || BatchDims >= indices.Rank
            || BatchDims + depth > data.Rank) throw EvaluateContext.Fault(FaultCodes.Data,
            $"indices {indices.Type} do not fit {data.Type}");
        int batch = (int)BatchDims, end = (int)(batch + depth);
        return [Elements.Indexed(data, [.. indices.Dims.SkipLast(1), .. data.Dims.Skip(end)], Blocks(data, indices, batch),
            Places.Product(data.Dims.Skip(end)))];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) =>
        new(0, 0, context.BytesOut + MeasureContext.Bytes(context.Inputs[1]), context.BytesOut);

    /// <summary>For each row of the indices the number of its block among the blocks of the data.</summary>
    internal static long[] Blocks(Tensor data, Tensor indices, int batch)
    {
        int depth = (int)indices.Dims[^1];
        long[] places = indices.ToLongs(), blocks = new long[Places.Product(indices.Dims.SkipLast(1))];
        long rowsPerBatch = Places.Product(indices.Dims.Skip(batch).SkipLast(1));
        for (int row = 0; row < blocks.Length; row++)
        {
            long block = rowsPerBatch == 0 ? 0 : row / rowsPerBatch;
            for (int k = 0; k < depth; k++)
                block = block * data.Dims[batch + k] + Places.Resolve(places[row * depth + k], data.Dims[batch + k]);
            blocks[row] = block;
        }
        return blocks;
    }
}
