using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// The product of two quantized tensors, quantized: saturate(round((a - a zero)·(b - b zero) · a scale · b scale / y scale) + y zero).
/// Scales and zero points are one for all, or one for each row of a or column of b. Source: ai.onnx QLinearMatMul.
/// </summary>
public sealed record QLinearMatMul : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<QLinearMatMul>(
        "a a_scale a_zero_point b b_scale b_zero_point y_scale y_zero_point", "y", [10, 21])
        .NewTypes(21, 0, DTypeSets.Float8).NewTypes(21, 3, DTypeSets.Float8).NewTypes(21, 7, DTypeSets.Float8)
        .NewTypes(21, 1, DType.Float16, DType.BFloat16);

    /// <inheritdoc/>
    public override bool IsDiscontinuous => true;

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        foreach (int i in new[] { 0, 3, 7 }) context.Tensor(i, IsQuantized, "8 bit");
        foreach (int i in new[] { 1, 4, 6 }) context.ArithmeticFloats(i);
        context.SameDType(0, 2);
        context.SameDType(3, 5);
        return [new TensorType(context.Tensor(7).DType, MatrixProductShape.Infer(context, "QLinearMatMul", 0, 3))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        Tensor a = context.Tensor(0), b = context.Tensor(3), zero = context.Single(7);
        var shape = new MatrixProductShape(a.Dims, b.Dims);
        double[] left = MatMulInteger.Centered(a, context.Tensor(2), perRow: true);
        double[] right = MatMulInteger.Centered(b, context.Tensor(5), perRow: false);
        Scale(left, a, context.Tensor(1), perRow: true);
        Scale(right, b, context.Tensor(4), perRow: false);
        double[] y = shape.Multiply(left, right, context.Cancellation);
        return [QuantizeLinear.Requantize(y, shape.Result, context.Single(6).ToDouble(), zero)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Products(
        context.Output(0).Count * (context.Input(0).Rank == 0 ? 1 : context.Input(0)[^1]), context.Output(0).Count * 3);

    internal static bool IsQuantized(DType dtype) => dtype is DType.Int8 or DType.UInt8 || DTypeSets.Float8.Contains(dtype);

    private static void Scale(double[] items, Tensor tensor, Tensor scale, bool perRow)
    {
        double[] scales = scale.ToDoubles();
        int[] places = MatMulInteger.GrainPlaces(tensor, scale, perRow);
        for (int i = 0; i < items.Length; i++) items[i] *= scales[places[i]];
    }
}
