using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Laws;

internal static class SignalCases
{
    private static IEnumerable<OpCase> Transforms =>
    [
        new(new DFT(), Sample.Floats(2, 8, 1)),
        new(new DFT(Onesided: true), Sample.Floats(2, 6, 3, 1), Tensor.Scalar(5L), Tensor.Scalar(1L)),
        new(new DFT(Inverse: true), Sample.Floats(2, 6, 2), Tensor.Scalar(4L), Tensor.Scalar(-2L)),
        new(new DFT(Inverse: true, Onesided: true), Sample.Floats(1, 5, 2)),
        new(new STFT(), Sample.Floats(2, 16, 1), Tensor.Scalar(4L), Sample.Fractions(8)),
        new(new STFT(false), Sample.Floats(1, 12, 2), Tensor.Scalar(3L), null, Tensor.Scalar(6L)),
        new(new MelWeightMatrix(), Tensor.Scalar(8L), Tensor.Scalar(16L), Tensor.Scalar(8192L), Tensor.Scalar(0f), Tensor.Scalar(4096f)),
    ];

    private static IEnumerable<OpCase> Windows =>
        from op in new Op[] { new HannWindow(), new HammingWindow(DType.Float64), new BlackmanWindow(Periodic: false),
            new HannWindow(DType.Int32) }
        from size in new[] { 0, 1, 6 }
        select new OpCase(op, Tensor.Scalar(size));

    private static IEnumerable<OpCase> Draws =>
    [
        new(new RandomNormal([2, 3], Seed: 3)),
        new(new RandomNormalLike(Mean: 5, Seed: 3), Sample.Floats(2, 3)),
        new(new RandomUniform([2, 3], DType.Float64, 4, -4)),
        new(new RandomUniformLike(DType.Float32), Sample.Longs(2, 3)),
        new(new Bernoulli(Seed: 1), Sample.Fractions(2, 3)),
        new(new Bernoulli(DType.Bool), Sample.Fractions(2, 3)),
        new(new Multinomial(DType.Int64, 4, 2), Sample.Floats(2, 3)),
    ];
}
