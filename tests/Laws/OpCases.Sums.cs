using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Laws;

/// <summary>Ops whose elements are sums over others: products of matrices, windows, reductions, normalizations.</summary>
internal static class SumCases
{
    private static IEnumerable<OpCase> Reductions =>
        from op in new Op[]
        {
            new ReduceSum(), new ReduceSum(Keepdims: false), new ReduceMean(), new ReduceMax(), new ReduceMin(), new ReduceProd(),
                new ReduceL1(),
            new ReduceL2(Keepdims: false), new ReduceLogSum(), new ReduceLogSumExp(), new ReduceSumSquare(NoopWithEmptyAxes: true),
        }
        from c in new[]
        {
            new OpCase(op, Sample.Fractions(2, 3, 4), Sample.Longs(1, -1)),
            new OpCase(op, Sample.Fractions(2, 3, 4)),
            new OpCase(op, Sample.Fractions(2, 3, 4), Sample.Longs()),
            new OpCase(op, Sample.Longs(2, 3, 4), Sample.Longs(0)),
            new OpCase(op, Sample.Of(DType.UInt32, 2, 3)),
        }
        select c;

    private static IEnumerable<OpCase> EmptyReductions =>
        from op in new Op[]
        {
            new ReduceSum(), new ReduceMax(), new ReduceMin(), new ReduceProd(), new ReduceL1(), new ReduceL2(), new ReduceLogSum(),
            new ReduceLogSumExp(), new ReduceSumSquare(),
        }
        select new OpCase(op, Sample.Floats(2, 0, 4), Sample.Longs(1));

    private static IEnumerable<OpCase> AxisFunctions =>
        from op in new Op[] { new Softmax(), new Softmax(0), new LogSoftmax(1), new Hardmax(), new LpNormalization(),
            new LpNormalization(0, 1) }
        select new OpCase(op, Sample.Floats(2, 3, 4));

    private static IEnumerable<OpCase> Products =>
    [
        new(new MatMul(), Sample.Floats(2, 3, 4), Sample.Floats(4, 5)),
        new(new MatMul(), Sample.Floats(4), Sample.Floats(2, 4, 5)),
        new(new MatMul(), Sample.Floats(4), Sample.Floats(4)),
        new(new MatMul(), Sample.Of(DType.Int32, 2, 3), Sample.Of(DType.Int32, 3, 2)),
        new(new MatMul(), Sample.Of(DType.Float16, 2, 3), Sample.Of(DType.Float16, 3, 2)),
        new(new MatMul(), Sample.Floats(2, 0), Sample.Floats(0, 3)),
        new(new Gemm(), Sample.Floats(2, 3), Sample.Floats(3, 4)),
        new(new Gemm(0.5f, 2, TransA: true, TransB: true), Sample.Floats(3, 2), Sample.Floats(4, 3), Sample.Floats(4)),
        new(new Conv(), Sample.Floats(1, 2, 5, 5), Sample.Floats(3, 2, 3, 3), Sample.Floats(3)),
        new(new Conv(Strides: [2], Pads: [1, 1]), Sample.Floats(1, 2, 7), Sample.Floats(4, 2, 3)),
        new(new Conv(AutoPad.SameUpper, Group: 2, Strides: [2, 3]), Sample.Floats(2, 4, 5, 7), Sample.Floats(6, 2, 3, 3)),
        new(new ConvTranspose(), Sample.Floats(1, 2, 3, 3), Sample.Floats(2, 3, 2, 2), Sample.Floats(3)),
        new(new ConvTranspose(AutoPad.SameLower, Group: 2, Strides: [2]), Sample.Floats(1, 4, 5), Sample.Floats(4, 2, 3)),
        new(new ConvTranspose(OutputShape: [9], Strides: [2]), Sample.Floats(1, 2, 4), Sample.Floats(2, 1, 3)),
        new(new ConvInteger(Pads: [1, 1, 1, 1]), Sample.Of(DType.UInt8, 1, 2, 4, 4), Sample.Of(DType.Int8, 3, 2, 3, 3),
            Tensor.Scalar((byte)2),
            Tensor.Vector<sbyte>(1, -1, 0)),
        new(new MatMulInteger(), Sample.Of(DType.Int8, 2, 3), Sample.Of(DType.UInt8, 3, 4), Tensor.Vector<sbyte>(1, 2),
            Tensor.Scalar((byte)3)),
    ];

    private static IEnumerable<OpCase> Einsums =>
    [
        new(new Einsum("bij,bjk->bik"), Sample.Floats(2, 3, 4), Sample.Floats(2, 4, 5)),
        new(new Einsum("...ii->...i"), Sample.Floats(2, 3, 3)),
        new(new Einsum("i,j"), Sample.Floats(2), Sample.Floats(3)),
        new(new Einsum("ij,jk,kl"), Sample.Of(DType.Int64, 2, 3), Sample.Of(DType.Int64, 3, 4), Sample.Of(DType.Int64, 4, 2)),
    ];

    private static IEnumerable<OpCase> GridSamples =>
        from mode in Enum.GetValues<ResizeMode>()
        from padding in Enum.GetValues<GridPadding>()
        select new OpCase(new GridSample(Mode: mode, PaddingMode: padding), Sample.Floats(1, 2, 3, 4), Sample.Floats(1, 2, 2, 2));

    private static IEnumerable<OpCase> Windows =>
    [
        new(new MaxPool([2, 2]), Sample.Floats(1, 2, 5, 5)),
        new(new MaxPool([2, 3], CeilMode: true, Pads: [1, 1, 1, 1], Strides: [2, 2]), Sample.Of(DType.Int8, 2, 2, 5, 6)) { Results = 2 },
        new(new AveragePool([3], Strides: [2]), Sample.Floats(1, 2, 8)),
        new(new AveragePool([3, 3], AutoPad.SameUpper, Strides: [2, 2]), Sample.Floats(1, 2, 8, 5)),
        new(new AveragePool([2, 2], CeilMode: true, CountIncludePad: true, Dilations: [2, 1], Pads: [1, 0, 1, 0], Strides: [2, 2]),
            Sample.Floats(1, 2, 6, 5)),
        new(new LpPool([2, 2]), Sample.Floats(1, 2, 5, 5)),
        new(new LpPool([2], P: 3, Pads: [1, 0]), Sample.Floats(1, 2, 5)),
        new(new GlobalAveragePool(), Sample.Floats(1, 2, 3, 4)),
        new(new GlobalMaxPool(), Sample.Floats(1, 2, 3, 4)),
        new(new GlobalLpPool(1), Sample.Floats(1, 2, 3, 4)),
        new(new MaxUnpool([2, 2], Strides: [2, 2]), Sample.Floats(1, 1, 2, 2), Tensor.Of<long>([1, 1, 2, 2], [1, 2, 8, 15])),
        new(new MaxUnpool([2, 2], Strides: [2, 2]), Sample.Floats(1, 1, 2, 2), Tensor.Of<long>([1, 1, 2, 2], [1, 2, 8, 15]),
            Sample.Longs(1, 1, 5, 5)),
    ];

    private static IEnumerable<OpCase> Normalizations =>
    [
        new(new BatchNormalization(), Sample.Floats(2, 3, 4), Sample.Floats(3), Sample.Floats(3), Sample.Floats(3), Sample.Fractions(3)),
        new(new BatchNormalization(TrainingMode: true), Sample.Floats(2, 3, 4), Sample.Floats(3), Sample.Floats(3), Sample.Floats(3),
            Sample.Fractions(3))
            { Results = 3 },
        new(new Gemm(3, 2, TransA: true), Sample.Of(DType.UInt64, 3, 2), Tensor.Of([3, 1], new ulong[] { ulong.MaxValue, 3, 5 }),
            Tensor.Vector(7UL)),
        new(new LayerNormalization(1, StashType: DType.Float64), Sample.Of(DType.Float16, 2, 3), Sample.Of(DType.Float16, 3))
        {
            Results = 3,
        },
        new(new GroupNormalization(2), Sample.Floats(1, 0, 2), Sample.Floats(0), Sample.Floats(0)),
        new(new LayerNormalization(), Sample.Floats(2, 3, 4), Sample.Floats(4), Sample.Floats(4)),
        new(new LayerNormalization(1), Sample.Of(DType.Float16, 2, 3, 4), Sample.Of(DType.Float16, 3, 4)) { Results = 3 },
        new(new RMSNormalization(), Sample.Floats(2, 3, 4), Sample.Floats(4)),
        new(new InstanceNormalization(), Sample.Floats(2, 3, 4), Sample.Floats(3), Sample.Floats(3)),
        new(new GroupNormalization(2), Sample.Floats(2, 4, 3), Sample.Floats(4), Sample.Floats(4)),
        new(new LRN(3), Sample.Floats(2, 5, 3)),
        new(new MeanVarianceNormalization(), Sample.Floats(2, 3, 2, 2)),
    ];

    private static IEnumerable<OpCase> Recurrences =>
        from layout in new[] { false, true }
        from direction in Enum.GetValues<RecurrentDirection>()
        let d = direction == RecurrentDirection.Bidirectional ? 2 : 1
        from c in new[]
        {
            new OpCase(new RNN(Direction: direction, Layout: layout), Sample.Fractions(3, 3, 2), Sample.Fractions(d, 4, 2),
                Sample.Fractions(d, 4, 4)) { Results = 2 },
            new OpCase(new GRU(Direction: direction, Layout: layout), Sample.Fractions(3, 3, 2), Sample.Fractions(d, 12, 2),
                Sample.Fractions(d, 12, 4),
                Sample.Fractions(d, 24), Tensor.Vector(3, 1, 2)) { Results = 2 },
            new OpCase(new LSTM(Clip: 1, Direction: direction, HiddenSize: 4, Layout: layout), Sample.Fractions(3, 3, 2),
                Sample.Fractions(d, 16, 2),
                Sample.Fractions(d, 16, 4), null, null, layout ? Sample.Fractions(3, d, 4)
                    : Sample.Fractions(d, 3, 4), null, Sample.Fractions(d, 12)) { Results = 3 },
        }
        select c;

    private static IEnumerable<OpCase> Quantizations =>
    [
        new(new QuantizeLinear(), Sample.Floats(2, 3), Tensor.Scalar(0.1f), Tensor.Scalar((sbyte)3)),
        new(new QuantizeLinear(), Sample.Floats(2, 3), Tensor.Vector(0.1f, 0.2f, 0.5f)),
        new(new QuantizeLinear(-1, 2, DType.Int4), Sample.Floats(2, 3), Sample.Fractions(2, 2)),
        new(new QuantizeLinear(OutputDtype: DType.Float8E4M3FN), Sample.Floats(2, 3), Tensor.Scalar(0.1f)),
        new(new DequantizeLinear(0), Sample.Of(DType.UInt8, 2, 3), Sample.Fractions(2), Tensor.Vector<byte>(1, 2)),
        new(new DequantizeLinear(), Sample.Of(DType.Float8E5M2, 2, 3), Tensor.Scalar(0.1f)),
        new(new DequantizeLinear(), Sample.Of(DType.Int32, 4), Tensor.Scalar((Half)0.5)),
        new(new DynamicQuantizeLinear(), Sample.Floats(2, 3)) { Results = 3 },
    ];

    private static IEnumerable<OpCase> Resizes =>
    [
        new(new Resize(CoordinateTransformationMode: CoordinateTransformationMode.Asymmetric, NearestMode: NearestMode.Floor),
            Sample.Floats(1, 2, 3, 4),
            null, Tensor.Vector<float>(1, 1, 2, 1.5f)),
        new(new Resize(CoordinateTransformationMode: CoordinateTransformationMode.Asymmetric, Mode: ResizeMode.Linear),
            Sample.Floats(1, 2, 3, 4),
            null, Tensor.Vector<float>(1, 1, 2, 1.5f)),
        new(new Resize(CoordinateTransformationMode: CoordinateTransformationMode.Asymmetric, NearestMode: NearestMode.Ceil),
            Sample.Floats(3, 4),
            null, Tensor.Vector(1, 0.6f)),
        new(new Resize(), Sample.Floats(1, 2, 3, 4), null, Tensor.Vector<float>(1, 1, 2, 0.5f)),
        new(new Resize(), Sample.Of(DType.String, 2, 3), null, null, Sample.Longs(3, 2)),
        new(new Resize(Antialias: true, Axes: [1], Mode: ResizeMode.Linear), Sample.Floats(1, 7), null, null, Sample.Longs(3)),
        new(new Resize(ExcludeOutside: true, Mode: ResizeMode.Cubic), Sample.Of(DType.UInt8, 4, 5), null, Tensor.Vector(1.5f, 0.7f)),
        new(new Resize(Axes: [0, 1], KeepAspectRatioPolicy: KeepAspectRatioPolicy.NotLarger), Sample.Floats(4, 5, 2), null, null,
            Sample.Longs(7, 8)),
        new(new Resize(CoordinateTransformationMode: CoordinateTransformationMode.TfCropAndResize, ExtrapolationValue: 7,
            Mode: ResizeMode.Linear),
            Sample.Floats(4, 5), Tensor.Vector(0.2f, 0.5f, 0.8f, 1.2f), null, Sample.Longs(3, 3)),
    ];
}
