using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// (A - a zero point) · (B - b zero point) of 8 bit integers in i32, with the shapes of <see cref="MatMul"/>. Zero points are one for
/// all, one for each row of A or column of B, or broadcast with these as matrices. Source: ai.onnx MatMulInteger.
/// </summary>
public sealed record MatMulInteger : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<MatMulInteger>("A B a_zero_point? b_zero_point?", "Y", [10]);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        for (int i = 0; i < 2; i++)
        {
            context.Tensor(i, t => t is DType.Int8 or DType.UInt8, "i8 or u8");
            if (context.Has(i + 2)) context.SameDType(i, i + 2);
        }
        return [new TensorType(DType.Int32, MatrixProductShape.Infer(context, "MatMulInteger"))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        Tensor a = context.Tensor(0), b = context.Tensor(1);
        var shape = new MatrixProductShape(a.Dims, b.Dims);
        // Sums of 8 bit products are exact in binary64, and then wrap to i32.
        double[] y = shape.Multiply(Centered(a, context.Optional(2), perRow: true), Centered(b, context.Optional(3), perRow: false),
            context.Cancellation);
        return [Tensor.FromDoubles(DType.Int32, shape.Result, y)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Products(MatrixProductShape.Macs(context));

    /// <summary>The elements less their zero points.</summary>
    internal static double[] Centered(Tensor tensor, Tensor? zero, bool perRow)
    {
        double[] items = tensor.ToDoubles();
        if (zero is null) return items;
        double[] zeros = zero.ToDoubles();
        int[] places = GrainPlaces(tensor, zero, perRow);
        for (int i = 0; i < items.Length; i++) items[i] -= zeros[places[i]];
        return items;
    }

    /// <summary>For each element of a matrix, the place of its zero point or scale.</summary>
    internal static int[] GrainPlaces(Tensor tensor, Tensor grain, bool perRow)
    {
        long[] dims = [.. grain.Dims];
        if (perRow && grain.Rank == 1 && grain.Count > 1) dims = [dims[0], 1];
        return Broadcasting.Places(grain.Count == 1 ? [] : dims, tensor.Dims.AsSpan());
    }
}
