using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Laws;

/// <summary>Ops whose elements are sums over others: products of matrices, windows, reductions, normalizations.</summary>
internal static class SumCases
{
    private static IEnumerable<OpCase> Reductions =>
        from op in new Op[]
        {
            new ReduceSum(), new ReduceSum(Keepdims: false), new ReduceMean(), new ReduceMax(), new ReduceMin(), new ReduceProd(), new ReduceL1(),
            new ReduceL2(Keepdims: false), new ReduceLogSum(), new ReduceLogSumExp(), new ReduceSumSquare(NoopWithEmptyAxes: true),
        }
        from c in new[]
        {
            new OpCase(op, Sample.Fractions(2, 3, 4), Sample.Longs(1, -1)),
            new OpCase(op, Sample.Fractions(2, 3, 4)),
            new OpCase(op, Sample.Fractions(2, 3, 4), Sample.Longs()),
        }
        select c;

    private static IEnumerable<OpCase> AxisFunctions =>
        from op in new Op[] { new Softmax(), new Softmax(0), new LogSoftmax(1), new Hardmax() }
        select new OpCase(op, Sample.Floats(2, 3, 4));

    private static IEnumerable<OpCase> Products =>
    [
        new(new MatMul(), Sample.Floats(2, 3, 4), Sample.Floats(4, 5)),
        new(new MatMul(), Sample.Floats(4), Sample.Floats(2, 4, 5)),
        new(new MatMul(), Sample.Floats(4), Sample.Floats(4)),
        new(new MatMul(), Sample.Of(DType.Int32, 2, 3), Sample.Of(DType.Int32, 3, 2)),
        new(new Gemm(), Sample.Floats(2, 3), Sample.Floats(3, 4)),
        new(new Gemm(0.5f, 2, TransA: true, TransB: true), Sample.Floats(3, 2), Sample.Floats(4, 3), Sample.Floats(4)),
        new(new Conv(), Sample.Floats(1, 2, 5, 5), Sample.Floats(3, 2, 3, 3), Sample.Floats(3)),
        new(new Conv(Strides: [2], Pads: [1, 1]), Sample.Floats(1, 2, 7), Sample.Floats(4, 2, 3)),
    ];

    private static IEnumerable<OpCase> Windows =>
    [
        new(new MaxPool([2, 2]), Sample.Floats(1, 2, 5, 5)),
        new(new AveragePool([3], Strides: [2]), Sample.Floats(1, 2, 8)),
        new(new GlobalAveragePool(), Sample.Floats(1, 2, 3, 4)),
        new(new GlobalMaxPool(), Sample.Floats(1, 2, 3, 4)),
    ];

    private static IEnumerable<OpCase> Normalizations =>
    [
        new(new BatchNormalization(), Sample.Floats(2, 3, 4), Sample.Floats(3), Sample.Floats(3), Sample.Floats(3), Sample.Fractions(3)),
        new(new LayerNormalization(), Sample.Floats(2, 3, 4), Sample.Floats(4), Sample.Floats(4)),
    ];
}
