using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests;

public class LinearTests
{
    private static TensorType F32(params ReadOnlySpan<Dim> dims) => new(DType.Float32, new Shape([.. dims]));

    [Fact]
    public void MatrixProductByHand() =>
        Assert.Equal(OpRun.F32([2, 2], 58, 64, 139, 154),
            OpRun.One(new MatMul(), OpRun.F32([2, 3], 1, 2, 3, 4, 5, 6), OpRun.F32([3, 2], 7, 8, 9, 10, 11, 12)));

    [Fact]
    public void VectorsLoseTheirAxis()
    {
        Assert.Equal(OpRun.F32([], 32), OpRun.One(new MatMul(), OpRun.F32([3], 1, 2, 3), OpRun.F32([3], 4, 5, 6)));
        Assert.Equal(OpRun.F32([2], 14, 32), OpRun.One(new MatMul(), OpRun.F32([2, 3], 1, 2, 3, 4, 5, 6), OpRun.F32([3], 1, 2, 3)));
    }

    [Theory]
    [InlineData(new long[] { 3, 1, 5, 70 }, new long[] { 2, 70, 33 })]
    [InlineData(new long[] { 2, 17, 130 }, new long[] { 130, 600 })]
    [InlineData(new long[] { 40 }, new long[] { 4, 40, 3 })]
    public void BatchesBroadcastAndAgreeWithTheDefinition(long[] left, long[] right)
    {
        var random = new Random(1);
        Tensor a = OpRun.Random(random, left), b = OpRun.Random(random, right);
        var y = OpRun.One(new MatMul(), a, b);
        double[] x = a.ToDoubles(), w = b.ToDoubles(), actual = y.ToDoubles();
        long k = left[^1], n = right[^1], m = left.Length > 1 ? left[^2] : 1, matrices = actual.Length / (m * n);
        long inner = right.Length > 2 ? right[0] : 1, outer = matrices / inner;
        for (long at = 0; at < actual.Length; at++)
        {
            long matrix = at / (m * n), i = at / n % m, j = at % n;
            long ma = left.Length <= 2 ? 0 : left.Length == 4 ? matrix / inner : matrix, mb = right.Length > 2 ? matrix % inner : 0;
            double sum = 0;
            for (long p = 0; p < k; p++) sum += x[(ma * m + i) * k + p] * w[(mb * k + p) * n + j];
            Assert.Equal((float)sum, (float)actual[at]);
        }
        Assert.True(outer > 0);
    }

    [Fact]
    public void IntegersWrap() => Assert.Equal(Tensor.Of([1, 1], [unchecked(int.MaxValue * 2 + 3)]),
        OpRun.One(new MatMul(), Tensor.Of([1, 2], [int.MaxValue, 3]), Tensor.Of([2, 1], [2, 1])));

    [Fact]
    public void GemmByHand()
    {
        Tensor a = OpRun.F32([2, 3], 1, 2, 3, 4, 5, 6), at = OpRun.F32([3, 2], 1, 4, 2, 5, 3, 6);
        Tensor b = OpRun.F32([3, 2], 7, 8, 9, 10, 11, 12), bt = OpRun.F32([2, 3], 7, 9, 11, 8, 10, 12), c = OpRun.F32([2], 1, 2);
        Assert.Equal(OpRun.F32([2, 2], 58, 64, 139, 154), OpRun.One(new Gemm(), a, b));
        Assert.Equal(OpRun.F32([2, 2], 59, 66, 140, 156), OpRun.One(new Gemm(TransA: true, TransB: true), at, bt, c));
        Assert.Equal(OpRun.F32([2, 2], 31, 36, 71.5f, 81), OpRun.One(new Gemm(Alpha: 0.5f, Beta: 2), a, b, c));
        Assert.Equal(OpRun.F32([2, 2], 68, 74, 159, 174), OpRun.One(new Gemm(), a, b, OpRun.F32([2, 1], 10, 20)));
    }

    [Fact]
    public void FaultsNameTheShapes()
    {
        Assert.Contains("MatMul takes [..,m,k] and [..,k,n], got f32[4x3] and f32[4x5]", OpRun.Fault(new MatMul(), F32(4, 3), F32(4, 5)));
        Assert.Contains("Gemm takes [k,m] and [k,n], got f32[4x3] and f32[3x5]", OpRun.Fault(new Gemm(TransA: true), F32(4, 3), F32(3, 5)));
        Assert.Contains("f32[7] does not broadcast", OpRun.Fault(new Gemm(), F32(4, 3), F32(3, 5), F32(7)));
        Assert.Contains("must have numeric", OpRun.Fault(new MatMul(), new TensorType(DType.String, Shape.Of(2, 2)), F32(2, 2)));
    }

    [Fact]
    public void SymbolicSizesPass()
    {
        var n = Dim.Symbol("N");
        Assert.Equal(F32(n, 12, n, n), OpRun.Infer(new MatMul(), 1, F32(n, 12, n, 64), F32(n, 12, 64, n))[0]);
        Assert.Equal(F32(n, 10), OpRun.Infer(new Gemm(TransB: true), 1, F32(n, 5), F32(10, 5), F32(10))[0]);
    }

    [Fact]
    public void WorkIsExact()
    {
        // Figures of the counting conventions: [25,16] x [16,9] is 3,600 MACs; batched 1x12x256x64 x 64x256 is 50,331,648.
        var work = new MatMul().Measure(new MeasureContext([F32(25, 16), F32(16, 9)], [F32(25, 9)]));
        Assert.Equal((Dim.Of(3600), Dim.Of(0), Dim.Of((400 + 144) * 4), Dim.Of(225 * 4)),
            (work.Macs, work.Arithmetic, work.BytesIn, work.BytesOut));
        Assert.Equal(50_331_648,
            new MatMul().Measure(new MeasureContext([F32(1, 12, 256, 64), F32(1, 12, 64, 256)], [F32(1, 12, 256, 256)])).Macs.Value);
        Assert.Equal((Dim.Of(64), Dim.Of(8)), new Gemm().Measure(new MeasureContext([F32(2, 8), F32(8, 4), F32(4)], [F32(2, 4)])) is var g
            ? (g.Macs, g.Arithmetic) : default);
    }
}
