using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// alpha · A · B, the last two axes (or the first one and the rest) of either transposed. Source: com.microsoft FusedMatMul.
/// </summary>
/// <param name="Alpha">Factor.</param>
/// <param name="TransA">Whether the last two axes of A are exchanged.</param>
/// <param name="TransB">Whether the last two axes of B are exchanged.</param>
/// <param name="TransBatchA">Whether the axes of A but the last are turned by one, the first behind the others.</param>
/// <param name="TransBatchB">The same for B.</param>
public sealed record FusedMatMul(float Alpha = 1, [OnnxName("transA")] bool TransA = false, [OnnxName("transB")] bool TransB = false,
    [OnnxName("transBatchA")] bool TransBatchA = false, [OnnxName("transBatchB")] bool TransBatchB = false) : MicrosoftOp, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<FusedMatMul>("A B", "Y", [1], MicrosoftDomain);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var type = Floats(context, 0, 1);
        if (context.Tensor(0).Shape is not { } a || context.Tensor(1).Shape is not { } b) return [type with { Shape = null }];
        a = new Shape([.. Order(a.Rank, TransA, TransBatchA).Select(i => a[(int)i])]);
        b = new Shape([.. Order(b.Rank, TransB, TransBatchB).Select(i => b[(int)i])]);
        var turned = new InferContext([type with { Shape = a }, type with { Shape = b }], 1, "product", _ => null, _ => null);
        return [type with { Shape = MatrixProductShape.Infer(turned, "FusedMatMul") }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        Tensor a = context.Tensor(0), b = context.Tensor(1);
        a = Run(context, new Transpose(Order(a.Rank, TransA, TransBatchA).ToEquatable()), a);
        b = Run(context, new Transpose(Order(b.Rank, TransB, TransBatchB).ToEquatable()), b);
        var shape = new MatrixProductShape(a.Dims, b.Dims);
        double[] y = shape.Multiply(a.ToDoubles(), b.ToDoubles(), context.Cancellation);
        foreach (ref double item in y.AsSpan()) item *= Alpha;
        return [context.Floats(context.Tensor(0).DType, shape.Result, y)];
    }

    /// <summary>One multiply-accumulate for each result element and step of k.</summary>
    public override Work Measure(MeasureContext context)
    {
        var a = context.Input(0);
        return context.Products(context.Output(0).Count * (a.Rank == 0 ? 1 : a[(int)Order(a.Rank, TransA, TransBatchA)[^1]]));
    }

    private static long[] Order(int rank, bool isMatrixTurned, bool isBatchTurned)
    {
        long[] order = [.. Enumerable.Range(0, rank).Select(i => (long)i)];
        if (isBatchTurned && rank > 2) order = [.. order[1..^1], order[0], order[^1]];
        if (isMatrixTurned && rank > 1) (order[^1], order[^2]) = (order[^2], order[^1]);
        return order;
    }
}

/// <summary>activation(alpha · A · B + beta · C). Source: com.microsoft FusedGemm.</summary>
/// <param name="Activation">The activation; null for none.</param>
/// <param name="ActivationAlpha">Its first parameter.</param>
/// <param name="ActivationBeta">Its second parameter.</param>
/// <param name="ActivationGamma">Its third parameter.</param>
/// <param name="Alpha">Factor of the product.</param>
/// <param name="Beta">Factor of C.</param>
/// <param name="TransA">Whether A is transposed.</param>
/// <param name="TransB">Whether B is transposed.</param>
public sealed record FusedGemm(string? Activation = null, float ActivationAlpha = 0, float ActivationBeta = 0, float ActivationGamma = 0,
    float Alpha = 1, float Beta = 1, [OnnxName("transA")] bool TransA = false, [OnnxName("transB")] bool TransB = false)
    : MicrosoftOp, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<FusedGemm>("A B C?", "Y", [1], MicrosoftDomain);

    private Gemm Gemm => new(Alpha, Beta, TransA, TransB);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        Floats(context, 0, 1, 2);
        FusedActivation.Check(context, Activation, 2);
        return Gemm.Infer(context);
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.InferDims(this);
        double[] items = Run(context, Gemm, context.Tensor(0), context.Tensor(1), context.Optional(2)).ToDoubles();
        FusedActivation.Apply(Activation, [ActivationAlpha, ActivationBeta], items);
        return [context.Floats(context.Tensor(0).DType, dims, items)];
    }

    /// <summary>That of the product.</summary>
    public override Work Measure(MeasureContext context) =>
        context.Products(context.Output(0).Count * (context.Input(0).Rank == 2 ? context.Input(0)[TransA ? 0 : 1] : 1));
}

/// <summary>
/// A [.., k] · B [k, n], A quantized to u8 as by DynamicQuantizeLinear, B already. Source: com.microsoft DynamicQuantizeMatMul.
/// </summary>
public sealed record DynamicQuantizeMatMul : MicrosoftOp, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<DynamicQuantizeMatMul>("A B b_scale b_zero_point? bias?", "Y", [1], MicrosoftDomain);

    /// <inheritdoc/>
    public override bool IsDiscontinuous => true;

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var a = context.Tensor(0, t => t == DType.Float32, "f32");
        context.Tensor(1, t => t is DType.Int8 or DType.UInt8, "i8 or u8");
        context.Tensor(2, t => t == DType.Float32, "f32");
        if (context.Has(3)) context.SameDType(1, 3);
        if (context.Has(4)) context.SameDType(0, 4);
        var shape = MatrixProductShape.Infer(context, "DynamicQuantizeMatMul");
        if (shape is { Rank: > 0 } && context.Tensor(2).Shape is { Count.Value: not 1 })
            context.Vector(2, "b_scale", shape[^1], "one, or one for each column");
        if (shape is { Rank: > 0 }) context.Vector(4, "bias", shape[^1], "one for each column");
        return [a with { Shape = shape }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        Tensor a = context.Tensor(0), b = context.Tensor(1);
        ImmutableArray<IrType> types = [new TensorType(DType.UInt8, a.Type.Shape), new TensorType(DType.Float32, Shape.Scalar),
            new TensorType(DType.UInt8, Shape.Scalar)];
        var quantized = new DynamicQuantizeLinear().Evaluate(
            new EvaluateContext([a], types, false, context.Run, context.Cancellation)).Cast<Tensor>().ToArray();
        var shape = new MatrixProductShape(a.Dims, b.Dims);
        double[] y = shape.Multiply(MatMulInteger.Centered(quantized[0], quantized[2], perRow: true),
            MatMulInteger.Centered(b, context.Optional(3), perRow: false), context.Cancellation);
        double[] scales = context.Tensor(2).ToDoubles(), bias = context.Optional(4)?.ToDoubles() ?? [];
        double scale = quantized[1].ToDouble();
        for (int i = 0; i < y.Length; i++)
        {
            int column = i % shape.Columns;
            y[i] = y[i] * scale * scales[scales.Length == 1 ? 0 : column % scales.Length] + (bias.Length > 0 ? bias[column] : 0);
        }
        return [context.Floats(DType.Float32, shape.Result, y)];
    }

    /// <summary>One multiply-accumulate for each result element and step of k.</summary>
    public override Work Measure(MeasureContext context) => context.Products(MatrixProductShape.Macs(context), context.Output(0).Count * 3);
}
