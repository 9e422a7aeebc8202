using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Laws;

internal static class DetectionCases
{
    private static Tensor Boxes => Tensor.Of([1, 4, 4], new[] { 0f, 0, 1, 1, 0, 0.1f, 1, 1.1f, 0, 10, 1, 11, 0.2f, 0.2f, 1.2f, 1.2f });

    private static IEnumerable<OpCase> Regions =>
    [
        new(new NonMaxSuppression(), Boxes, Sample.Fractions(1, 2, 4), Tensor.Scalar(3L), Tensor.Scalar(0.5f), Tensor.Scalar(0.2f))
            { IsDataDependent = true },
        new(new NonMaxSuppression(true), Sample.Fractions(2, 3, 4), Sample.Fractions(2, 1, 3), Sample.Longs(2)) { IsDataDependent = true },
        new(new RoiAlign(OutputHeight: 2, OutputWidth: 3, SamplingRatio: 2, SpatialScale: 0.5f), Sample.Floats(2, 3, 6, 5),
            Tensor.Of([2, 4], new float[] { 1, 1, 7, 9, 0, 3, 8, 5 }), Sample.Longs(1, 0)),
        new(new RoiAlign(RoiCoordinates.OutputHalfPixel, OutputHeight: 2, OutputWidth: 2), Sample.Floats(1, 2, 6, 5),
            Tensor.Of([1, 4], new float[] { 1, 1, 4, 4 }), Sample.Longs(0)),
        new(new MaxRoiPool([2, 2]), Sample.Floats(2, 3, 6, 5), Tensor.Of([2, 5], new float[] { 0, 1, 1, 4, 4, 1, 0, 2, 3, 5 })),
        new(new AffineGrid(), Sample.Floats(2, 2, 3), Sample.Longs(2, 3, 4, 5)),
        new(new AffineGrid(true), Sample.Floats(1, 3, 4), Sample.Longs(1, 2, 2, 3, 4)),
        new(new Col2Im(), Sample.Floats(1, 8, 12), Sample.Longs(4, 5), Sample.Longs(2, 2)),
        new(new Col2Im([1, 2], [1, 0, 1, 0], [2, 1]), Sample.Of(DType.Int32, 2, 4, 9), Sample.Longs(4, 5), Sample.Longs(2, 2)),
        new(new DeformConv(), Sample.Floats(1, 2, 4, 4), Sample.Floats(3, 2, 2, 2), Sample.Floats(1, 8, 3, 3), Sample.Floats(3),
            Sample.Fractions(1, 4, 3, 3)),
        new(new DeformConv(Group: 2, OffsetGroup: 2, Pads: [1, 1], Strides: [2]), Sample.Floats(2, 4, 5), Sample.Floats(2, 2, 3),
            Sample.Floats(2, 6, 3)),
        new(new Det(), Sample.Floats(2, 3, 3)),
        new(new Det(), Tensor.Of([2, 2], new float[] { 0, 2, 0, 1 })),
    ];

    private static IEnumerable<OpCase> Losses =>
        from reduction in Enum.GetValues<LossReduction>()
        from c in new[]
        {
            new OpCase(new NegativeLogLikelihoodLoss(Reduction: reduction), Sample.Floats(3, 4), Sample.Longs(1, 0, 3)),
            new OpCase(new NegativeLogLikelihoodLoss(1, reduction), Sample.Floats(2, 3, 2), Tensor.Of([2, 2], new[] { 1, 0, 2, 1 }),
                Sample.Fractions(3)),
            new OpCase(new SoftmaxCrossEntropyLoss(-1, reduction), Sample.Floats(3, 4), Sample.Longs(1, -1, 3), Sample.Fractions(4))
                { Results = 2 },
            new OpCase(new SoftmaxCrossEntropyLoss(Reduction: reduction), Sample.Floats(3, 4, 1), Tensor.Of([3, 1], new[] { 1, 0, 3 })),
        }
        select c;

    private static IEnumerable<OpCase> Quantized =>
    [
        new(new QLinearMatMul(), Sample.Of(DType.UInt8, 2, 3), Tensor.Scalar(0.1f), Tensor.Scalar((byte)2), Sample.Of(DType.Int8, 3, 4),
            Tensor.Vector(0.1f, 0.2f, 0.3f, 0.4f), Tensor.Vector<sbyte>(1, 0, -1, 2), Tensor.Scalar(0.5f), Tensor.Scalar((sbyte)-3)),
        new(new QLinearMatMul(), Sample.Of(DType.Float8E4M3FN, 2, 3), Tensor.Scalar((Half)0.1f), Sample.Of(DType.Float8E4M3FN),
            Sample.Of(DType.Float8E4M3FN, 3, 4), Tensor.Scalar((Half)0.1f), Sample.Of(DType.Float8E4M3FN), Tensor.Scalar((Half)0.5f),
            Sample.Of(DType.Float8E4M3FN)),
        new(new QLinearConv(Pads: [1, 1, 1, 1]), Sample.Of(DType.UInt8, 1, 2, 4, 4), Tensor.Scalar(0.1f), Tensor.Scalar((byte)2),
            Sample.Of(DType.Int8, 3, 2, 3, 3), Tensor.Vector(0.1f, 0.2f, 0.3f), Tensor.Vector<sbyte>(0, 0, 0), Tensor.Scalar(0.3f),
            Tensor.Scalar((byte)9), Tensor.Vector(1, -2, 3)),
    ];

    private static IEnumerable<OpCase> Bits =>
    [
        new(new BitCast(DType.Int32), Sample.Floats(2, 3)),
        new(new BitCast(DType.Float64), Sample.Longs(2, 3)),
        new(new BitCast(DType.Int4), Sample.Of(DType.UInt4, 3)),
        new(new BitCast(DType.Float16), Sample.Of(DType.BFloat16, 3)),
        new(new BitCast(DType.UInt8), Sample.Of(DType.Bool, 3)),
    ];

    private static IEnumerable<OpCase> Maps
    {
        get
        {
            var body = new GraphBuilder("body");
            var type = new TensorType(DType.Float32, [Dim.Symbol("n")]);
            int x = body.Input("x", type), y = body.Input("y", new TensorType(DType.Float32, Shape.Scalar));
            body.Output("sum", body.Add("add", new Add(), x, y));
            body.Output("twice", body.Add("double", new Add(), x, x));
            var list = new SequenceDatum(type, [Tensor.Vector(1f, 2), Tensor.Vector(3f)]);
            yield return new OpCase(new SequenceMap(body.Build()), list, Tensor.Scalar(2f)) { Results = 2 };
            var scalars = new SequenceDatum(new TensorType(DType.Float32, Shape.Scalar), [Tensor.Scalar(1f), Tensor.Scalar(5f)]);
            yield return new OpCase(new SequenceMap(body.Build()), list, scalars) { Results = 2 };
        }
    }
}
