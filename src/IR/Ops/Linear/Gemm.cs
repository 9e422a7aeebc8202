using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// Y[m×n] = alpha · A' · B' + beta · C, where A' and B' are A and B or their transposes and C broadcasts to [m×n]. Products of integers
/// are exact and wrap around, and so does their scaling unless a factor is broken. Source: ai.onnx Gemm.
/// </summary>
/// <param name="Alpha">Factor of the product.</param>
/// <param name="Beta">Factor of C.</param>
/// <param name="TransA">Whether A is given as [k×m].</param>
/// <param name="TransB">Whether B is given as [n×k].</param>
public sealed record Gemm(
    float Alpha = 1, float Beta = 1, [OnnxName("transA")] bool TransA = false, [OnnxName("transB")] bool TransB = false) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Gemm>("A B C?", "Y", [1, 6, 7, 9, 11, 13])
        .Change(7, up: form => form.Take<long>("broadcast"), down: form =>
        {
            form.Attributes["broadcast"] = 1L; // C broadcasts to [m×n] without further ado since opset 7
            return null;
        })
        .NewTypes(9, 0, DType.UInt32, DType.UInt64, DType.Int32, DType.Int64)
        .Change(11, down: form =>
        {
            if (form.Has(2)) return null;
            if (form.Type(0) is not TensorType { DType: var dtype and not DType.Unknown })
                return "C must be given before opset 11, and its dtype is unknown";
            form.SetInput(2, form.Scope.AddConstant(Tensor.FromDoubles(dtype, [], [0])));
            return null;
        })
        .NewTypes(13, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        context.ArithmeticNumbers(0);
        context.ArithmeticNumbers(1);
        var dtype = context.SameDType(0, 1);
        if (context.Has(2)) dtype = context.SameDType(0, 2);
        if (context.Tensor(0).Shape is not { } a || context.Tensor(1).Shape is not { } b) return [new TensorType(dtype, null)];
        if (a.Rank != 2 || b.Rank != 2 || Dim.AreEqual(a[TransA ? 0 : 1], b[TransB ? 1 : 0]) == Answer.No)
            throw context.Fault(FaultCodes.OperandShape, $"Gemm takes {(TransA ? "[k,m]" : "[m,k]")} and {(TransB ? "[n,k]" : "[k,n]")}, "
                + $"got {context.Tensor(0)} and {context.Tensor(1)}");
        Shape result = [a[TransA ? 1 : 0], b[TransB ? 0 : 1]];
        if (context.Has(2) && context.Tensor(2).Shape is { } c) CheckBias(context, c, result);
        return [new TensorType(dtype, result)];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        Tensor a = context.Tensor(0), b = context.Tensor(1);
        if (a.Rank != 2 || b.Rank != 2)
            throw EvaluateContext.Fault(FaultCodes.OperandShape, $"Gemm takes matrices, got {a.Type} and {b.Type}");
        var left = a.Dims;
        var right = b.Dims;
        if (TransA) left = [left[1], left[0]];
        if (TransB) right = [right[1], right[0]];
        var shape = new MatrixProductShape(left, right);
        if (a.DType.IsInteger())
        {
            long[] sums = shape.Multiply(Matrix(a.ToLongs(), a, TransA), Matrix(b.ToLongs(), b, TransB), context.Cancellation);
            return [HasWholeFactors ? Whole(context, sums, shape) : Broken(context, sums, shape)];
        }
        double[] y = shape.Multiply(Matrix(a.ToDoubles(), a, TransA), Matrix(b.ToDoubles(), b, TransB), context.Cancellation);
        for (int i = 0; i < y.Length; i++) y[i] *= Alpha;
        if (context.Optional(2) is { } bias && Beta != 0)
        {
            double[] c = bias.ToDoubles();
            int[] places = Broadcasting.Places(bias.Dims.AsSpan(), shape.Result);
            for (int i = 0; i < y.Length; i++) y[i] += Beta * c[places[i]];
        }
        return [context.Floats(a.DType, shape.Result, y)];
    }

    /// <summary>Whether integers can be scaled as such.</summary>
    public bool HasWholeFactors => IsWhole(Alpha) && IsWhole(Beta);

    /// <summary>
    /// Multiply-accumulates of the product; one operation an element for each of: scaling by alpha, scaling C by beta, adding C.
    /// </summary>
    public override Work Measure(MeasureContext context)
    {
        var count = context.Output(0).Count;
        var depth = context.Input(0) is { Rank: 2 } a ? a[TransA ? 0 : 1] : Dim.Of(1);
        bool biased = context.Inputs.Length > 2 && context.Inputs[2] is not null;
        int extra = (Alpha != 1 ? 1 : 0) + (biased ? 1 : 0) + (biased && Beta != 1 ? 1 : 0);
        return context.Products(count * depth, count * extra);
    }

    private static bool IsWhole(float factor) => MathF.Truncate(factor) == factor && MathF.Abs(factor) <= 1 << 24;

    private Tensor Whole(EvaluateContext context, long[] sums, MatrixProductShape shape)
    {
        for (int i = 0; i < sums.Length; i++) sums[i] *= (long)Alpha;
        if (context.Optional(2) is { } bias)
        {
            long[] c = bias.ToLongs();
            int[] places = Broadcasting.Places(bias.Dims.AsSpan(), shape.Result);
            for (int i = 0; i < sums.Length; i++) sums[i] += (long)Beta * c[places[i]];
        }
        return EvaluateContext.Integers(context.Tensor(0).DType, shape.Result, sums);
    }

    private Tensor Broken(EvaluateContext context, long[] sums, MatrixProductShape shape)
    {
        var dtype = context.Tensor(0).DType;
        double[] y = EvaluateContext.Integers(dtype, shape.Result, sums).ToDoubles();
        double[]? c = context.Optional(2)?.ToDoubles();
        int[] places = c is null ? [] : Broadcasting.Places(context.Tensor(2).Dims.AsSpan(), shape.Result);
        for (int i = 0; i < y.Length; i++) y[i] = y[i] * Alpha + (c is null ? 0 : Beta * c[places[i]]);
        return Tensor.FromDoubles(dtype, shape.Result, y);
    }

    private static void CheckBias(InferContext context, Shape c, Shape result)
    {
        bool fits = c.Rank <= 2;
        for (int i = 0; fits && i < c.Rank; i++)
            fits = c[i].Value == 1 || Dim.AreEqual(c[i], result[i + 2 - c.Rank]) != Answer.No;
        if (!fits)
            throw context.Fault(FaultCodes.OperandShape, $"Gemm adds C to [{result}], and {context.Tensor(2)} does not broadcast to that");
    }

    private static T[] Matrix<T>(T[] items, Tensor tensor, bool transpose)
    {
        if (!transpose) return items;
        int rows = (int)tensor.Dims[0], columns = (int)tensor.Dims[1];
        var result = new T[items.Length];
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++) result[j * rows + i] = items[i * columns + j];
        return result;
    }
}
