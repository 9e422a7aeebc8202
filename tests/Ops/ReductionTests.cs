using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Tests.Support;

namespace Nncc.Tests;

public class ReductionTests
{
    private static readonly Tensor Six = OpRun.F32([2, 3], 1, -2, 3, 4, 5, -6);

    [Fact]
    public void ByHand()
    {
        var rows = Tensor.Vector<long>(1);
        Assert.Equal(OpRun.F32([2, 1], 2, 3), OpRun.One(new ReduceSum(), Six, rows));
        Assert.Equal(OpRun.F32([2], 2 / 3f, 1), OpRun.One(new ReduceMean(Keepdims: false), Six, rows));
        Assert.Equal(OpRun.F32([2], 3, 5), OpRun.One(new ReduceMax(Keepdims: false), Six, rows));
        Assert.Equal(OpRun.F32([2], -2, -6), OpRun.One(new ReduceMin(Keepdims: false), Six, rows));
        Assert.Equal(OpRun.F32([2], -6, -120), OpRun.One(new ReduceProd(Keepdims: false), Six, rows));
        Assert.Equal(OpRun.F32([2], 14, 77), OpRun.One(new ReduceSumSquare(Keepdims: false), Six, rows));
        Assert.Equal(OpRun.F32([2], 6, 15), OpRun.One(new ReduceL1(Keepdims: false), Six, rows));
        Assert.Equal(OpRun.F32([2], MathF.Sqrt(14), MathF.Sqrt(77)), OpRun.One(new ReduceL2(Keepdims: false), Six, rows));
        OpRun.Close(OpRun.F32([2], 0.6931472f, 1.0986123f), OpRun.One(new ReduceLogSum(Keepdims: false), Six, rows));
        OpRun.Close(OpRun.F32([2], 3.1328452f, 5.3132739f), OpRun.One(new ReduceLogSumExp(Keepdims: false), Six, rows));
        Assert.Equal(OpRun.F32([1, 1], 5), OpRun.One(new ReduceSum(), Six));
        Assert.Equal(OpRun.F32([3], 5, 3, -3), OpRun.One(new ReduceSum(Keepdims: false), Six, Tensor.Vector<long>(-2)));
    }

    [Fact]
    public void NaNIsTheBest()
    {
        var x = OpRun.F32([4], 7, float.NaN, 9, float.NaN);
        Assert.Equal([1L], OpRun.One(new ArgMax(), x).ToLongs());
        Assert.Equal([1L], OpRun.One(new ArgMin(), x).ToLongs());
        Assert.Equal([3L], OpRun.One(new ArgMax(SelectLastIndex: true), x).ToLongs());
        Assert.Equal([3L], OpRun.One(new ArgMin(SelectLastIndex: true), x).ToLongs());
    }

    [Fact]
    public void AxesInTheMiddle()
    {
        var x = OpRun.F32([2, 2, 2], 1, 2, 3, 4, 5, 6, 7, 8);
        Assert.Equal(OpRun.F32([2, 1, 2], 4, 6, 12, 14), OpRun.One(new ReduceSum(), x, Tensor.Vector<long>(1)));
        Assert.Equal(OpRun.F32([2], 14, 22), OpRun.One(new ReduceSum(Keepdims: false), x, Tensor.Vector<long>(0, 2)));
    }

    [Fact]
    public void NoAxes()
    {
        var none = Tensor.Of<long>([0], []);
        Assert.Equal(OpRun.F32([], 5), OpRun.One(new ReduceSum(Keepdims: false), Six, none));
        Assert.Equal(Six, OpRun.One(new ReduceSum(NoopWithEmptyAxes: true), Six, none));
        Assert.Equal(OpRun.F32([2, 3], 1, 4, 9, 16, 25, 36), OpRun.One(new ReduceSumSquare(NoopWithEmptyAxes: true), Six));
    }

    [Fact]
    public void NoElements()
    {
        var x = Tensor.Of<float>([2, 0], []);
        Assert.Equal(OpRun.F32([2, 1], 0, 0), OpRun.One(new ReduceSum(), x, Tensor.Vector<long>(1)));
        Assert.Equal(OpRun.F32([2, 1], 1, 1), OpRun.One(new ReduceProd(), x, Tensor.Vector<long>(1)));
        Assert.Equal(OpRun.F32([1, 1], float.NegativeInfinity), OpRun.One(new ReduceMax(), x));
        Assert.Equal(OpRun.F32([1, 1], float.NegativeInfinity), OpRun.One(new ReduceLogSumExp(), x));
        Assert.Equal(Tensor.Of<short>([1], [short.MaxValue]), OpRun.One(new ReduceMin(), Tensor.Of<short>([0], [])));
        Assert.Equal(Tensor.Of<ulong>([1], [ulong.MaxValue]), OpRun.One(new ReduceMin(), Tensor.Of<ulong>([0], [])));
        Assert.Contains("mean of no i32", Assert.Throws<NnccException>(() => OpRun.One(new ReduceMean(), Tensor.Of<int>([0], []))).Message);
    }

    [Fact]
    public void IntegersAreExact()
    {
        Assert.Equal(Tensor.Of<long>([1], [long.MinValue]), OpRun.One(new ReduceSum(), Tensor.Vector(long.MaxValue, 1)));
        Assert.Equal(Tensor.Of<int>([1], [-3]), OpRun.One(new ReduceMean(), Tensor.Vector(-5, -2)));
        Assert.Equal(Tensor.Of<ulong>([1], [ulong.MaxValue]), OpRun.One(new ReduceMax(), Tensor.Vector(5UL, ulong.MaxValue)));
        Assert.Equal(Tensor.Of<int>([1], [5]), OpRun.One(new ReduceL2(), Tensor.Vector(3, 4)));
        Assert.Equal(Tensor.Of([1], [true]), OpRun.One(new ReduceMax(), Tensor.Vector(false, true)));
        Assert.Equal(Tensor.Of<ulong>([1], [ulong.MaxValue]), OpRun.One(new ReduceL1(), Tensor.Vector(ulong.MaxValue)));
    }

    [Fact]
    public void GreatExponentsDoNotOverflow() =>
        OpRun.Close(OpRun.F32([1], 1000 + 0.6931472f), OpRun.One(new ReduceLogSumExp(), OpRun.F32([2], 1000, 1000)));

    [Fact]
    public void SizesStayKnown()
    {
        var n = Dim.Symbol("N");
        var edit = new GraphEdit("sizes");
        int x = edit.AddInput("x", new TensorType(DType.Float32, [n, 3, 4]));
        int shape = edit.Insert(new ShapeOf(), [x], Provenance.None).Outputs[0];
        int count = edit.Insert(new ReduceProd(), [shape], Provenance.None).Outputs[0];
        Assert.Equal(n * 12, edit[count].Known!.Value.Single());
    }

    [Fact]
    public void FaultsNameTheAxes()
    {
        Assert.Contains("axis 2 is outside of rank 2", Assert.Throws<NnccException>(() =>
            OpRun.One(new ReduceSum(), Six, Tensor.Vector<long>(2))).Message);
        Assert.Contains("name an axis twice", Assert.Throws<NnccException>(() =>
            OpRun.One(new ReduceSum(), Six, Tensor.Vector<long>(1, -1))).Message);
    }

    [Fact]
    public void OldFormsAreRead()
    {
        Assert.Equal(OpRun.F32([2], 2, 3), OneNode.Run(11, "ReduceSum", [("axes", new long[] { -1 }), ("keepdims", 0L)], 1, Six)[0]);
        Assert.Equal(OpRun.F32([2], 3, 5), OneNode.Run(1, "ReduceMax", [("axes", new long[] { 1 }), ("keepdims", 0L)], 1, Six)[0]);
        Assert.Equal(OpRun.F32([1, 1], 5), OneNode.Run(18, "ReduceMax", [], 1, Six)[0]);
    }

    [Fact]
    public void UnknownAxesLeaveTheRank()
    {
        var type = (TensorType)OpRun.Infer(new ReduceSum(), 1, Six.Type, new TensorType(DType.Int64, Shape.Of(1)))[0];
        Assert.Equal(2, type.Shape!.Rank);
        Assert.Null(((TensorType)OpRun.Infer(new ReduceSum(Keepdims: false), 1, Six.Type, new TensorType(DType.Int64, null))[0]).Shape);
    }
}
