using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Ops;

/// <summary>Sizes and places of ops that move elements, worked out by hand or by NumPy.</summary>
public class ShapeTests
{
    private static readonly Dim N = Dim.Symbol("n", 1), M = Dim.Symbol("m", 1);

    [Fact]
    public void PadsLongerThanTheDataGoBackAndForth()
    {
        var data = Tensor.Vector(1, 2, 3);
        Assert.Equal(Tensor.Vector(1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2), OpRun.One(new Pad(PadMode.Reflect), data, Tensor.Vector(4L, 5)));
        Assert.Equal(Tensor.Vector(3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2), OpRun.One(new Pad(PadMode.Wrap), data, Tensor.Vector(4L, 5)));
        Assert.Equal(Tensor.Vector(1, 1, 2, 3, 3, 3), OpRun.One(new Pad(PadMode.Edge), data, Tensor.Vector(1L, 2)));
    }

    [Fact]
    public void SlicesHaveSymbolicSizes()
    {
        Assert.Equal("f32[n-1]", Slice([N], [1], [long.MaxValue]));
        Assert.Equal("f32[min(3,n)]", Slice([N], [0], [3]));
        Assert.Equal("f32[floordiv(n+1,2)]", Slice([N], [0], [int.MaxValue], [2]));
        Assert.Equal("f32[0]", Slice([0], [-1], [long.MinValue], [-1]));
        Assert.Equal("f32[n]", Slice([N], [-1], [long.MinValue], [-1]));
        Assert.Equal("f32[2]", Slice([5], [-2], [99]));
        Assert.Equal("f32[0]", Slice([5], [3], [1]));
    }

    [Fact]
    public void ReshapesInferTheOpenSize()
    {
        Assert.Equal("f32[n,12]", Reshape([N, 3, 4], [0, -1]));
        Assert.Equal("f32[12*n]", Reshape([N, 3, 4], [-1]));
        Assert.Equal("f32[3*n,4]", Reshape([N, 3, 4], [-1, 4]));
        Assert.Equal("f32[m,4*n]", Reshape([N, M, 4], [M, -1]));
        Assert.Contains("NNC1002", Assert.Throws<NnccException>(() => Reshape([2, 3, 4], [5, -1])).Message);
        Assert.Contains("NNC1002", Assert.Throws<NnccException>(() => Reshape([2, 3, 4], [5, 5])).Message);
    }

    [Fact]
    public void PiecesOfSymbolicSizesAddUp()
    {
        var types = OpRun.Infer(new Split(0, 2), 2, new TensorType(DType.Float32, [N]));
        Assert.Equal("f32[floordiv(n+1,2)]", types[0].ToString());
        Assert.Equal("f32[floordiv(n,2)]", types[1].ToString());
    }

    [Fact]
    public void SizesThatContradictAreFaults()
    {
        Assert.Contains("NNC1002", OpRun.Fault(new Concat(0), F(2, 3), F(2, 4)));
        Assert.Contains("NNC1002", OpRun.Fault(new Add(), F(2, 3), F(2, 4)));
        Assert.Contains("NNC1004", OpRun.Fault(new Transpose([0, 0]), F(2, 3)));
        Assert.Contains("NNC1004", OpRun.Fault(new Flatten(3), F(2, 3)));
        Assert.Contains("NNC1002", OpRun.Fault(new DepthToSpace(2), F(1, 6, 2, 2)));
        Assert.Contains("NNC1001", OpRun.Fault(new Add(), F(2), new TensorType(DType.Int64, Shape.Of(2))));
        Assert.Contains("NNC1001", OpRun.Fault(new And(), F(2), F(2)));

        static TensorType F(params long[] dims) => new(DType.Float32, Shape.Of(dims));
    }

    private static string Slice(Shape shape, long[] starts, long[] ends, long[]? steps = null)
    {
        var builder = new GraphBuilder("slice");
        int x = builder.Input("x", new TensorType(DType.Float32, shape));
        int begin = builder.Constant("starts", Tensor.Vector(starts)), end = builder.Constant("ends", Tensor.Vector(ends));
        return builder.Type(steps is null ? builder.Add("y", new Slice(), x, begin, end)
            : builder.Add("y", new Slice(), x, begin, end, Node.Absent, builder.Constant("steps", Tensor.Vector(steps)))).ToString();
    }

    // A shape of which some elements are sizes comes from Shape and Concat.
    private static string Reshape(Shape from, Dim[] to)
    {
        var builder = new GraphBuilder("reshape");
        int x = builder.Input("x", new TensorType(DType.Float32, from));
        int[] parts = [.. to.Select((size, i) => size.Value is { } number ? builder.Constant($"c{i}", Tensor.Vector(number))
            : builder.Add($"s{i}", new ShapeOf(), builder.Input($"z{i}", DType.Float32, size)))];
        return builder.Type(builder.Add("y", new Reshape(), x, builder.Add("shape", new Concat(0), parts))).ToString();
    }
}
