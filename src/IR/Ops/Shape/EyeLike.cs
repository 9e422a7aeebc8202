using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>A matrix of the operand's sizes with ones on a diagonal and zeros elsewhere. Source: ai.onnx EyeLike.</summary>
/// <param name="Dtype">Dtype of the result; that of the operand by default.</param>
/// <param name="K">Which diagonal: 0 the main one, positive ones above it, negative ones below.</param>
public sealed record EyeLike(DType? Dtype = null, long K = 0) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<EyeLike>("input", "output", [9, 22]).NewTypes(22, 0, DType.BFloat16)
        .Change(22, down: form => form.Int("dtype", 0) == (int)DType.BFloat16 ? "bf16 is made from opset 22 on" : null);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var like = context.Tensor(0);
        if (like.Shape is { Rank: not 2 }) throw context.Fault(FaultCodes.OperandShape, $"a matrix is expected, got {like}");
        var dtype = Dtype ?? like.DType;
        if (dtype == DType.String || dtype.IsComplex() || (Dtype is DType.Unknown))
            throw context.Fault(FaultCodes.OperandType, $"EyeLike cannot make {dtype.Name()}");
        return [like with { DType = dtype }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var like = context.Tensor(0);
        long rows = like.Dims[0], columns = like.Dims[1];
        var items = new double[rows * columns];
        for (long row = Math.Max(0, -K); row < rows && row + K < columns; row++) items[row * columns + row + K] = 1;
        var dtype = Dtype ?? like.DType;
        return [dtype.IsFloat() ? context.Floats(dtype, [rows, columns], items) : Tensor.FromDoubles(dtype, [rows, columns], items)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => new(0, 0, 0, context.BytesOut);
}
