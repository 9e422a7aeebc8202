using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Laws;

/// <summary>The ops of com.microsoft.</summary>
internal static class MicrosoftCases
{
    private static Tensor U8(params long[] dims) => Sample.Of(DType.UInt8, dims);

    private static Tensor Scale => Tensor.Scalar(0.1f);

    private static Tensor Zero => Tensor.Scalar((byte)2);

    private static Tensor Bytes(params long[] dims) =>
        Tensor.Of(dims, Enumerable.Range(0, (int)dims.Aggregate(1L, (a, b) => a * b)).Select(i => (byte)(i * 37 + 11)).ToArray());

    private static IEnumerable<OpCase> Activations =>
    [
        new(new MicrosoftGelu(), Sample.Floats(2, 3)),
        new(new BiasGelu(), Sample.Floats(2, 3), Sample.Floats(3)),
        new(new FastGelu(), Sample.Floats(2, 3)),
        new(new FastGelu(), Sample.Floats(2, 3), Sample.Floats(3)),
        new(new QuickGelu(1.5f), Sample.Floats(2, 3)),
    ];

    private static IEnumerable<OpCase> Normalizations =>
    [
        new(new SkipLayerNormalization(1e-5f), Sample.Floats(2, 3, 4), Sample.Fractions(2, 3, 4), Sample.Floats(4), Sample.Floats(4),
            Sample.Floats(4)),
        new(new SkipLayerNormalization(), Sample.Floats(1, 3, 4), Sample.Fractions(3, 4), Sample.Floats(4)),
        new(new SkipSimplifiedLayerNormalization(1e-5f), Sample.Floats(2, 3, 4), Sample.Fractions(2, 3, 4), Sample.Floats(4)),
        new(new EmbedLayerNormalization(1e-5f), Tensor.Of([2, 3], new[] { 1, 0, 4, 2, 2, 3 }), Tensor.Of([2, 3], new[] { 0, 1, 1, 0, 0,
            1 }),
            Sample.Floats(5, 4), Sample.Floats(3, 4), Sample.Floats(2, 4), Sample.Floats(4), Sample.Floats(4),
            Tensor.Of([2, 3], new[] { 1, 1, 0, 1, 0, 0 })) { Results = 2 },
    ];

    private static IEnumerable<OpCase> Attentions =>
    [
        new(new MicrosoftAttention(2), Sample.Fractions(2, 3, 4), Sample.Fractions(4, 24), Sample.Fractions(24)),
        new(new MicrosoftAttention(2, Unidirectional: true), Sample.Fractions(2, 3, 4), Sample.Fractions(4, 12), Sample.Fractions(12),
            Tensor.Of([2, 5], new[] { 1, 1, 1, 1, 0, 1, 1, 1, 1, 1 }), Sample.Fractions(2, 2, 2, 2, 2)) { Results = 2 },
        new(new MicrosoftAttention(2), Sample.Fractions(2, 3, 4), Sample.Fractions(4, 12), Sample.Fractions(12), Tensor.Vector(2, 3)),
        new(new MultiHeadAttention(2), Sample.Floats(2, 3, 8), Sample.Floats(2, 4, 8), Sample.Floats(2, 4, 6)),
        new(new MultiHeadAttention(2, Scale: 0.3f), Sample.Fractions(2, 3, 8), Sample.Fractions(2, 3, 8), Sample.Fractions(2, 3, 8),
            Sample.Fractions(24), Tensor.Vector(2, 3), Sample.Fractions(1, 2, 3, 3)),
        new(new MultiHeadAttention(2), Sample.Fractions(2, 3, 2, 3, 4)),
        new(new MultiHeadAttention(2, Unidirectional: true), Sample.Floats(2, 3, 8), Sample.Fractions(2, 4, 2, 2, 4)) { Results = 4 },
        new(new MultiHeadAttention(2, Unidirectional: true), Sample.Floats(1, 2, 8), Sample.Floats(1, 2, 8), Sample.Floats(1, 2, 8), null,
            null, null, Sample.Fractions(1, 2, 5, 4), Sample.Fractions(1, 2, 5, 4), Tensor.Scalar(2))
            { Results = 4, IsDataDependent = true },
        new(new MicrosoftAttention(2, PastPresentShareBuffer: true, Unidirectional: true), Sample.Fractions(1, 2, 4),
            Sample.Fractions(4, 12), Sample.Fractions(12), null, Sample.Fractions(2, 1, 2, 6, 2), null, Tensor.Vector(3)) { Results = 2 },
        new(new GroupQueryAttention(1, 2), Sample.Fractions(2, 3, 16), Sample.Fractions(2, 3, 8), Sample.Fractions(2, 3, 8), null, null,
            Tensor.Vector(2, 2), Tensor.Scalar(3)) { Results = 3, IsDataDependent = true },
        new(new GroupQueryAttention(2, 4, true, 2), Sample.Fractions(1, 1, 64), Sample.Fractions(1, 1, 32), Sample.Fractions(1, 1, 32),
            Sample.Fractions(1, 2, 4, 16), Sample.Fractions(1, 2, 4, 16), Tensor.Vector(3), Tensor.Scalar(4),
            Sample.Fractions(6, 8), Sample.Fractions(6, 8)) { Results = 3, IsDataDependent = true },
        new(new MicrosoftRotaryEmbedding(), Sample.Floats(2, 3, 8), Tensor.Of([2, 3], new long[] { 0, 1, 2, 4, 3, 0 }), Sample.Floats(5, 2),
            Sample.Floats(5, 2)),
        new(new MicrosoftRotaryEmbedding(true), Sample.Floats(1, 2, 3, 4), Sample.Longs(1), Sample.Floats(5, 2), Sample.Floats(5, 2)),
    ];

    private static IEnumerable<OpCase> Products =>
    [
        new(new FusedConv("Relu"), Sample.Floats(1, 2, 5, 5), Sample.Floats(3, 2, 3, 3), Sample.Floats(3)),
        new(new FusedConv("Clip", [-1, 2], Pads: [1, 1, 1, 1]), Sample.Floats(1, 2, 5, 5), Sample.Floats(3, 2, 3, 3), Sample.Floats(3),
            Sample.Floats(1, 3, 5, 5)),
        new(new NhwcConv(Strides: [2, 1]), Sample.Floats(1, 5, 4, 2), Sample.Floats(3, 3, 3, 2), Sample.Floats(3)),
        new(new FusedMatMul(0.5f, true), Sample.Floats(2, 4, 3), Sample.Floats(2, 4, 5)),
        new(new FusedMatMul(TransB: true, TransBatchA: true), Sample.Floats(3, 2, 4), Sample.Floats(2, 5, 4)),
        new(new FusedGemm("LeakyRelu", 0.1f, Alpha: 2, TransB: true), Sample.Floats(2, 3), Sample.Floats(4, 3), Sample.Floats(4)),
        new(new DynamicQuantizeMatMul(), Sample.Floats(2, 3), Sample.Of(DType.Int8, 3, 4), Scale, Tensor.Scalar((sbyte)1),
            Sample.Floats(4)),
        new(new DynamicQuantizeMatMul(), Sample.Floats(2, 3), U8(3, 4), Sample.Fractions(4), Tensor.Vector<byte>(1, 2, 3, 4)),
        new(new MatMulNBits(32, 3, 16), Sample.Fractions(2, 32), Bytes(3, 2, 8), Sample.Fractions(3, 2)),
        new(new MatMulNBits(40, 3, 32, Bits: 4), Sample.Fractions(2, 40), Bytes(3, 2, 16), Sample.Fractions(3, 2), Bytes(3, 1)),
        new(new MatMulNBits(32, 2, 16, Bits: 8), Sample.Fractions(1, 2, 32), Bytes(2, 2, 16), Sample.Fractions(2, 2), Bytes(2, 2)),
        new(new MatMulNBits(32, 2, 32, Bits: 2), Sample.Fractions(2, 32), Bytes(2, 1, 8), Sample.Fractions(2, 1)),
    ];

    private static IEnumerable<OpCase> Quantized =>
    [
        new(new QLinearAdd(), U8(2, 3), Scale, Zero, U8(3), Tensor.Scalar(0.2f), Tensor.Scalar((byte)1), Tensor.Scalar(0.3f), Zero),
        new(new QLinearMul(), Sample.Of(DType.Int8, 2, 3), Scale, Tensor.Scalar((sbyte)1), Sample.Of(DType.Int8, 2, 3), Scale,
            Tensor.Scalar((sbyte)-1), Tensor.Scalar(0.07f), Tensor.Scalar((sbyte)3)),
        new(new QLinearSigmoid(), U8(2, 3), Scale, Zero, Tensor.Scalar(1 / 256f), Tensor.Scalar((byte)0)),
        new(new QLinearLeakyRelu(0.2f), U8(2, 3), Scale, Tensor.Scalar((byte)4), Tensor.Scalar(0.07f), Zero),
        new(new QLinearGlobalAveragePool(), U8(1, 2, 3, 3), Scale, Zero, Tensor.Scalar(0.07f), Zero),
        new(new QLinearGlobalAveragePool(true), U8(1, 3, 3, 2), Scale, Zero, Tensor.Scalar(0.07f), Zero),
        new(new QLinearAveragePool([2, 2], CeilMode: true, CountIncludePad: true, Pads: [1, 1, 0, 0], Strides: [2, 2]), U8(1, 2, 4, 3),
            Scale, Zero, Tensor.Scalar(0.073f), Zero),
        new(new QLinearAveragePool([2, 2], ChannelsLast: true), Sample.Of(DType.Int8, 2, 4, 3, 2), Scale, null, Tensor.Scalar(0.07f)),
        new(new QLinearReduceMean([1, -1]), U8(2, 3, 4), Scale, Zero, Tensor.Scalar(0.07f), Zero),
        new(new QLinearReduceMean([0], false), Sample.Of(DType.Int8, 2, 3), Scale, null, Tensor.Scalar(0.07f)),
        new(new QLinearSoftmax(13, 1), U8(2, 3, 2), Scale, Zero, Tensor.Scalar(1 / 256f), Tensor.Scalar((byte)0)),
        new(new QLinearSoftmax(11, 1), Sample.Of(DType.Int8, 2, 3, 2), Scale, Tensor.Scalar((sbyte)2), Tensor.Scalar(1 / 256f),
            Tensor.Scalar((sbyte)-128)),
        new(new QLinearWhere(), Tensor.Of([2, 1], new[] { true, false }), U8(2, 3), Scale, Zero, U8(3), Tensor.Scalar(0.2f),
            Tensor.Scalar((byte)1), Tensor.Scalar(0.3f), Zero),
        new(new QLinearConcat(1), Tensor.Scalar(0.07f), Zero, U8(2, 3), Scale, Zero, U8(2, 1), Tensor.Scalar(0.2f), Tensor.Scalar((byte)1)),
    ];
}
