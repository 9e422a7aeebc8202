using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// A [.., k] times the transpose of weights [n, k] of 2, 4 or 8 bits, packed in blocks along k with a scale and a zero point each (by
/// default the middle of the range). Source: com.microsoft MatMulNBits.
/// </summary>
/// <param name="K">Columns of the weights.</param>
/// <param name="N">Rows of the weights.</param>
/// <param name="BlockSize">Weights of a block.</param>
/// <param name="AccuracyLevel">In what an implementation may compute.</param>
/// <param name="Bits">Bits of a weight.</param>
public sealed record MatMulNBits([OnnxName("K")] long K, [OnnxName("N")] long N, long BlockSize, long AccuracyLevel = 0, long Bits = 4)
    : MicrosoftOp, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<MatMulNBits>("A B scales zero_points? g_idx? bias?", "Y", [1], MicrosoftDomain);

    private long Blocks => (K + BlockSize - 1) / BlockSize;

    private long BlobSize => (BlockSize * Bits + 7) / 8;

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var a = context.ArithmeticFloats(0);
        if (Bits is not (2 or 4 or 8) || K < 1 || N < 1 || BlockSize is < 1 or > 1 << 16 || K > 1 << 24 || N > 1 << 24)
            throw context.Fault(FaultCodes.Attribute, $"weights [{N},{K}] of {Bits} bits in blocks of {BlockSize}");
        context.Tensor(1, t => t == DType.UInt8, "u8");
        context.ArithmeticFloats(2);
        context.SameDType(0, 2);
        if (context.Has(3)) context.Tensor(3, t => t == DType.UInt8 || t.IsArithmeticFloat(), "u8 or float");
        if (context.Has(4)) context.Vector(4, "g_idx", K, "one for each column");
        if (context.Has(4)) context.Tensor(4, t => t == DType.Int32, "i32");
        if (context.Has(5))
        {
            context.SameDType(0, 5);
            context.Vector(5, "bias", N, "one for each row of the weights");
        }
        Count(context, 1, N * Blocks * BlobSize, "packed weights");
        Count(context, 2, N * Blocks, "scales");
        if (context.Has(3))
            Count(context, 3, context.Tensor(3).DType == DType.UInt8 ? N * ((Blocks * Bits + 7) / 8) : N * Blocks, "zero points");
        if (a.Shape is not { } shape) return [a];
        if (shape.Rank == 0) throw context.Fault(FaultCodes.OperandShape, $"A must be [..,{K}], got {a}");
        context.Same(shape[^1], K, "columns of A and K");
        return [a with { Shape = new Shape([.. shape.Dims[..^1], N]) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.InferDims(this);
        var a = context.Tensor(0);
        double[] weights = Weights(context), items = a.ToDoubles(), bias = context.Optional(5)?.ToDoubles() ?? [];
        int rows = items.Length / (int)K, k = (int)K, n = (int)N;
        double[] y = MatrixProduct.Multiply<double>(items, weights, rows, k, n);
        for (int i = 0; i < y.Length && bias.Length > 0; i++) y[i] += bias[i % n];
        return [context.Floats(a.DType, dims, y)];
    }

    /// <summary>One multiply-accumulate for each result element and column.</summary>
    public override Work Measure(MeasureContext context) => context.Products(context.Input(0).Count * N, K * N * 2);

    // The weights as [k, n].
    private double[] Weights(EvaluateContext context)
    {
        var packed = context.Tensor(1).Span<byte>();
        double[] scales = context.Tensor(2).ToDoubles();
        double[]? zeros = context.Optional(3) is { DType: not DType.UInt8 } given ? given.ToDoubles() : null;
        byte[]? packedZeros = context.Optional(3) is { DType: DType.UInt8 } bytes ? bytes.Span<byte>().ToArray() : null;
        int[]? groups = context.Optional(4) is { } order ? [.. order.ToLongs().Select(g => (int)Places.Resolve(g, Blocks))] : null;
        int bits = (int)Bits, mask = (1 << bits) - 1, perByte = 8 / bits, blocks = (int)Blocks, rowOfZeros = (int)((Blocks * Bits + 7) / 8);
        var result = new double[K * N];
        for (int row = 0; row < N; row++)
            for (int column = 0; column < K; column++)
            {
                int block = column / (int)BlockSize, at = column % (int)BlockSize, group = groups?[column] ?? block;
                int value = packed[(int)((row * Blocks + block) * BlobSize) + at / perByte] >> (at % perByte * bits) & mask;
                double zero = zeros?[row * blocks + group] ?? (packedZeros is null ? 1 << (bits - 1)
                    : packedZeros[row * rowOfZeros + group / perByte] >> (group % perByte * bits) & mask);
                result[column * N + row] = (value - zero) * scales[row * blocks + group];
            }
        return result;
    }

    private static void Count(InferContext context, int index, long count, string what)
    {
        if (context.Tensor(index).Shape is { } shape && Dim.AreEqual(shape.Count, count) == Answer.No)
            throw context.Fault(FaultCodes.OperandShape, $"there must be {count} {what}, got {context.Tensor(index)}");
    }
}
