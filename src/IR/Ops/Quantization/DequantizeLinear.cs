using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>y = (x - zero point) · scale. Source: ai.onnx DequantizeLinear.</summary>
/// <param name="Axis">The axis of scales that are not one for all; negative ones count from the end.</param>
/// <param name="BlockSize">How many elements along the axis share a scale; 0 where scales are not blocked.</param>
/// <param name="OutputDtype">Dtype of the result; unknown for that of scale.</param>
public sealed record DequantizeLinear(long Axis = 1, long BlockSize = 0, DType OutputDtype = DType.Unknown) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<DequantizeLinear>("x x_scale x_zero_point?", "y", [10, 13, 19, 21, 23, 24, 25])
            .Change(13, down: form => form.Take<long>("axis") is null || form.Rank(1) == 0 ? null
                : "scales along an axis exist from opset 13 on")
            .NewTypes(19, 0, DType.Float8E4M3FN, DType.Float8E4M3FNUZ, DType.Float8E5M2, DType.Float8E5M2FNUZ)
            .NewTypes(19, 1, DType.Float16, DType.BFloat16)
            .NewAttributes(21, "block_size")
            .NewTypes(21, 0, DType.Int16, DType.UInt16, DType.Int4, DType.UInt4)
            .Change(23, down: form => form.Take<long>("output_dtype") is not long given || form.Type(1) is TensorType scale
                && (DType)given == scale.DType
                ? null : "\"output_dtype\" exists from opset 23 on")
            .NewTypes(23, 0, DType.Float4E2M1)
            .NewTypes(24, 1, DType.Float8E8M0)
            .NewTypes(25, 0, DType.Int2, DType.UInt2);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Relative(2);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Tensor(0, t =>
            (t.IsInteger() && t.Bits() <= 32 && t != DType.UInt32) || (t.IsFloat() && t.Bits() <= 8 && t != DType.Float8E8M0),
            "integer (up to 32 bits) or float (up to 8 bits)");
        var scale = context.Tensor(1, t => t.IsArithmeticFloat() || t == DType.Float8E8M0, "float");
        if (context.Has(2)) context.SameDType(0, 2);
        QuantizationGrain.Check(context, Axis, BlockSize);
        var result = OutputDtype == DType.Unknown ? scale.DType : OutputDtype;
        if (result != DType.Unknown && !result.IsArithmeticFloat())
            throw context.Fault(FaultCodes.OperandType, $"DequantizeLinear does not give {result.Name()}", "give \"output_dtype\"");
        return [x with { DType = result }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        Tensor x = context.Tensor(0), scale = context.Tensor(1);
        double[] items = x.ToDoubles(), scales = scale.ToDoubles(), zeros = context.Optional(2)?.ToDoubles() ?? new double[scales.Length];
        int[] places = QuantizationGrain.Places(x, scale, Axis, BlockSize);
        for (int i = 0; i < items.Length; i++) items[i] = (items[i] - zeros[places[i]]) * scales[places[i]];
        return [context.Floats(OutputDtype == DType.Unknown ? scale.DType : OutputDtype, x.Dims.AsSpan(), items)];
    }

    /// <summary>Difference and product for each element.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(2);
}
