using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// [N, C, H, W] to [N, C/b², H b, W b]: each b² channels become a block of b×b pixels. The channel's index is (row, column, channel) or
/// (channel, row, column). Source: ai.onnx DepthToSpace.
/// </summary>
/// <param name="Blocksize">b.</param>
/// <param name="Mode">Order of the parts of the channel's index.</param>
public sealed record DepthToSpace(long Blocksize, DepthOrder Mode = DepthOrder.DepthColumnRow) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<DepthToSpace>("input", "output", [1, 11, 13])
        .NewAttributes(11, "mode").NewTypes(13, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        if (Blocks.Check(context, Blocksize) is not { } shape) return [context.Tensor(0)];
        if (shape[1].Value % (Blocksize * Blocksize) is > 0)
            throw context.Fault(FaultCodes.OperandShape, $"the channels of {context.Tensor(0)} do not divide by {Blocksize}²");
        return [context.Tensor(0) with
        {
            Shape = [shape[0], Dim.FloorDiv(shape[1], Blocksize * Blocksize), shape[2] * Blocksize, shape[3] * Blocksize],
        }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        long b = Blocksize, n = x.Dims[0], c = x.Dims[1] / (b * b), h = x.Dims[2], w = x.Dims[3];
        long pixel = h * w, block = b * b * c * pixel;
        long row = Mode == DepthOrder.DepthColumnRow ? b * c * pixel : b * pixel;
        long column = Mode == DepthOrder.DepthColumnRow ? c * pixel : pixel;
        long channel = Mode == DepthOrder.DepthColumnRow ? pixel : b * b * pixel;
        return [Elements.Strided(x, [n, c, h, b, w, b], 0, block, channel, w, row, 1, column).Reshape([n, c, h * b, w * b])];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}

/// <summary>
/// [N, C, H, W] to [N, C b², H/b, W/b]: each block of b×b pixels becomes channels, whose index is (row, column, channel). Source:
/// ai.onnx SpaceToDepth.
/// </summary>
/// <param name="Blocksize">b.</param>
public sealed record SpaceToDepth(long Blocksize) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<SpaceToDepth>("input", "output", [1, 13]).NewTypes(13, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        if (Blocks.Check(context, Blocksize) is not { } shape) return [context.Tensor(0)];
        if (shape[2].Value % Blocksize is > 0 || shape[3].Value % Blocksize is > 0)
            throw context.Fault(FaultCodes.OperandShape, $"the plane of {context.Tensor(0)} does not divide by {Blocksize}");
        return [context.Tensor(0) with
        {
            Shape = [shape[0], shape[1] * (Blocksize * Blocksize), Dim.FloorDiv(shape[2], Blocksize), Dim.FloorDiv(shape[3], Blocksize)],
        }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        long b = Blocksize, n = x.Dims[0], c = x.Dims[1], h = x.Dims[2] / b, w = x.Dims[3] / b, line = w * b, plane = h * b * line;
        return [Elements.Strided(x, [n, b, b, c, h, w], 0, c * plane, line, 1, plane, b * line, b).Reshape([n, b * b * c, h, w])];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}

/// <summary>Orders of the parts of a channel's index.</summary>
public enum DepthOrder
{
    /// <summary>Row of the block, column of the block, channel of the result.</summary>
    [OnnxName("DCR")] DepthColumnRow,
    /// <summary>Channel of the result, row of the block, column of the block.</summary>
    [OnnxName("CRD")] ColumnRowDepth,
}

/// <summary>What the two ops demand of their operand.</summary>
internal static class Blocks
{
    public static Shape? Check(InferContext context, long blocksize)
    {
        var x = context.Tensor(0);
        if (blocksize < 1) throw context.Fault(FaultCodes.Attribute, $"blocksize must be positive, got {blocksize}");
        if (x.Shape is { Rank: not 4 }) throw context.Fault(FaultCodes.OperandShape, $"an image [N, C, H, W] is expected, got {x}");
        return x.Shape;
    }
}
