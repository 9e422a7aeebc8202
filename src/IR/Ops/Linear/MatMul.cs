using System.Collections.Immutable;
using System.Numerics;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// Matrix product with numpy's rules: [..,m,k] · [..,k,n], leading axes broadcast; a vector on either side gets an axis that is taken
/// away again. Source: ai.onnx MatMul.
/// </summary>
public sealed record MatMul : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<MatMul>("A B", "Y", [1, 9, 13])
        .NewTypes(9, 0, DType.UInt32, DType.UInt64, DType.Int32, DType.Int64).NewTypes(13, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        context.ArithmeticNumbers(0);
        context.ArithmeticNumbers(1);
        return [new TensorType(context.SameDType(0, 1), MatrixProductShape.Infer(context, "MatMul"))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        Tensor a = context.Tensor(0), b = context.Tensor(1);
        var shape = new MatrixProductShape(a.Dims, b.Dims);
        if (a.DType.IsInteger())
            return [EvaluateContext.Integers(a.DType, shape.Result, shape.Multiply(a.ToLongs(), b.ToLongs(), context.Cancellation))];
        return [context.Floats(a.DType, shape.Result, shape.Multiply(a.ToDoubles(), b.ToDoubles(), context.Cancellation))];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Products(MatrixProductShape.Macs(context));
}

/// <summary>The sizes in a product by numpy's rules, and the product; for MatMul and its integer relatives.</summary>
internal sealed class MatrixProductShape
{
    private readonly int m, k, n;
    private readonly int[] batchA, batchB; // for each result matrix, which matrices it is the product of

    /// <summary>Sizes of operands that <see cref="Infer"/> would take; fault otherwise.</summary>
    public MatrixProductShape(ImmutableArray<long> a, ImmutableArray<long> b)
    {
        long[] left = a.Length == 1 ? [1, a[0]] : [.. a], right = b.Length == 1 ? [b[0], 1] : [.. b];
        if (left.Length < 2 || right.Length < 2 || left[^1] != right[^2])
            throw EvaluateContext.Fault(FaultCodes.OperandShape,
                $"a product takes [..,m,k] and [..,k,n], got [{string.Join("x", a)}] and [{string.Join("x", b)}]");
        (m, k, n) = ((int)left[^2], (int)left[^1], (int)right[^1]);
        long[] batch = Batch(left[..^2], right[..^2]);
        (batchA, batchB) = (Broadcasting.Places(left[..^2], batch), Broadcasting.Places(right[..^2], batch));
        Result = [.. batch, .. a.Length == 1 ? [] : new[] { left[^2] }, .. b.Length == 1 ? [] : new[] { right[^1] }];
    }

    /// <summary>Sizes of the result.</summary>
    public long[] Result { get; }

    /// <summary>Columns of the result's matrices.</summary>
    public int Columns => n;

    /// <summary>The product of elements in row-major order.</summary>
    public T[] Multiply<T>(T[] a, T[] b, CancellationToken cancellation) where T : struct, INumberBase<T>
    {
        const int rows = 16;
        var c = new T[(long)batchA.Length * m * n];
        int strips = (m + rows - 1) / rows;
        IndependentLoop.For(batchA.Length * strips, (long)Math.Min(rows, m) * k * n, cancellation, task =>
        {
            int batch = task / strips, row = task % strips * rows, count = Math.Min(rows, m - row);
            MatrixProduct.Add(a.AsSpan((batchA[batch] * m + row) * k, count * k), b.AsSpan(batchB[batch] * k * n, k * n), n,
                c.AsSpan((batch * m + row) * n, count * n), n, count, k, n);
        });
        return c;
    }

    /// <summary>The result's shape for two operands; null where a rank is unknown. Fault where they do not fit.</summary>
    public static Shape? Infer(InferContext context, string op, int first = 0, int second = 1)
    {
        if (context.Tensor(first).Shape is not { } a || context.Tensor(second).Shape is not { } b) return null;
        if (a.Rank == 0 || b.Rank == 0 || Dim.AreEqual(a.Dims[^1], b[b.Rank == 1 ? 0 : b.Rank - 2]) == Answer.No)
            throw context.Fault(FaultCodes.OperandShape,
                $"{op} takes [..,m,k] and [..,k,n], got {context.Tensor(first)} and {context.Tensor(second)}");
        var batch = context.Broadcast(new Shape(a.Dims[..Math.Max(a.Rank - 2, 0)]), new Shape(b.Dims[..Math.Max(b.Rank - 2, 0)]))!;
        return new Shape([.. batch.Dims, .. a.Rank == 1 ? [] : new[] { a.Dims[^2] }, .. b.Rank == 1 ? [] : new[] { b.Dims[^1] }]);
    }

    /// <summary>One multiply-accumulate for each result element and step of k.</summary>
    public static Dim Macs(MeasureContext context)
    {
        var a = context.Input(0);
        return context.Output(0).Count * (a.Rank == 0 ? 1 : a.Dims[^1]);
    }

    private static long[] Batch(long[] a, long[] b)
    {
        var result = new long[Math.Max(a.Length, b.Length)];
        for (int i = 0; i < result.Length; i++)
        {
            int ia = i - result.Length + a.Length, ib = i - result.Length + b.Length;
            long x = ia < 0 ? 1 : a[ia], y = ib < 0 ? 1 : b[ib];
            result[i] = x == y || y == 1 ? x : x == 1 ? y
                : throw EvaluateContext.Fault(FaultCodes.OperandShape,
                    $"batch axes [{string.Join("x", a)}] and [{string.Join("x", b)}] do not broadcast");
        }
        return result;
    }
}
