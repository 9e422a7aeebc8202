using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Laws;

internal static class IndexingCases
{
    private static IEnumerable<OpCase> Moves =>
        from dtype in DTypes.All
        from c in new[]
        {
            new OpCase(new Gather(1), Sample.Of(dtype, 2, 3, 2), Tensor.Of([2, 2], new long[] { 0, -1, 2, 1 })),
            new OpCase(new GatherElements(1), Sample.Of(dtype, 2, 3), Tensor.Of([2, 2], new[] { 0, -1, 2, 1 })),
            new OpCase(new GatherND(), Sample.Of(dtype, 2, 3, 2), Tensor.Of([2, 2], new long[] { 0, -1, 1, 1 })),
            new OpCase(new GatherND(1), Sample.Of(dtype, 2, 3, 2), Tensor.Of([2, 1], new long[] { 0, -1 })),
            new OpCase(new ScatterElements(1), Sample.Of(dtype, 2, 3), Tensor.Of([2, 1], new long[] { 2, -3 }), Sample.Of(dtype, 2, 1)),
            new OpCase(new ScatterND(), Sample.Of(dtype, 4, 3), Tensor.Of([2, 1], new long[] { 2, 0 }), Sample.Of(dtype, 2, 3)),
            new OpCase(new ScatterND(), Sample.Of(dtype, 1, 1), Tensor.Of([1, 2], new long[] { 0, 0 }), Sample.Of(dtype, 1)),
            new OpCase(new TensorScatter(), Sample.Of(dtype, 2, 4, 3), Sample.Of(dtype, 2, 1, 3), Sample.Longs(1, 3)),
            new OpCase(new OneHot(), Sample.Longs(1, 0, -1, 9), Tensor.Scalar(3L), Sample.Of(dtype, 2)),
            new OpCase(new Compress(), Sample.Of(dtype, 2, 3), Tensor.Vector(true, false, true, false)),
            new OpCase(new Compress(-1), Sample.Of(dtype, 2, 3), Tensor.Vector(true, false, true)),
        }
        select c;

    private static IEnumerable<OpCase> Orders =>
        from dtype in DTypes.All
        where !dtype.IsComplex()
        from c in new[]
        {
            new OpCase(new NonZero(), Sample.Of(dtype, 2, 3)) { IsDataDependent = true },
            new OpCase(new Unique(), Sample.Of(dtype, 2, 5)) { IsDataDependent = true, Results = 4 },
            new OpCase(new Unique(0, Sorted: false), Sample.Of(dtype, 4, 1)) { IsDataDependent = true, Results = 4 },
        }
        select c;

    private static IEnumerable<OpCase> Numbers =>
        from dtype in DTypes.All
        where dtype.IsFloat() || dtype.IsInteger()
        from c in new[]
        {
            new OpCase(new TopK(), Sample.Of(dtype, 2, 5), Sample.Longs(3)) { Results = 2 },
            new OpCase(new TopK(0, Largest: false), Sample.Of(dtype, 5, 2), Sample.Longs(0)) { Results = 2 },
            new OpCase(new ArgMax(), Sample.Of(dtype, 3, 4)),
            new OpCase(new ArgMin(-1), Sample.Of(dtype, 3, 4)),
            new OpCase(new ArgMin(1, Keepdims: false, SelectLastIndex: true), Sample.Of(dtype, 3, 4)),
        }
        select c;

    private static IEnumerable<OpCase> Sums =>
        from dtype in new[] { DType.Float32, DType.Float16, DType.Int32, DType.UInt64 }
        from c in new[]
        {
            new OpCase(new CumSum(), Sample.Of(dtype, 2, 3, 2), Tensor.Scalar(1)),
            new OpCase(new CumSum(Exclusive: true, Reverse: true), Sample.Of(dtype, 2, 3), Tensor.Scalar(-1L)),
            new OpCase(new CumProd(), Sample.Of(dtype, 2, 3), Tensor.Scalar(0)),
            new OpCase(new ScatterElements(0, ScatterReduction.Add), Sample.Of(dtype, 3), Sample.Longs(1, 1, 2), Sample.Of(dtype, 3)),
            new OpCase(new ScatterND(ScatterReduction.Mul), Sample.Of(dtype, 3, 2), Tensor.Of([2, 1], new long[] { 1, 1 }),
                Sample.Of(dtype, 2, 2)),
            new OpCase(new ScatterND(ScatterReduction.Max), Sample.Of(dtype, 3, 2), Tensor.Of([2, 1], new long[] { 1, 1 }),
                Sample.Of(dtype, 2, 2)),
            new OpCase(new ScatterElements(0, ScatterReduction.Min), Sample.Of(dtype, 3), Sample.Longs(1, 1, 2), Sample.Of(dtype, 3)),
        }
        select c;

    private static IEnumerable<OpCase> Sizes =>
    [
        new(new Gather(), Sample.Longs(4, 5, 6), Tensor.Scalar(-1L)),
        new(new Gather(), Sample.Longs(4, 5, 6), Sample.Longs(2, 0)),
        new(new OneHot(0), Tensor.Of([2, 2], new float[] { 0, -1, 2, 3 }), Tensor.Vector(3f), Sample.Floats(2)),
        new(new TensorScatter(1, CacheMode.Circular), Sample.Floats(2, 4, 3), Sample.Floats(2, 3, 3), Sample.Longs(1, 3)),
    ];
}
