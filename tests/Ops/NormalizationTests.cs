using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Tests.Support;

namespace Nncc.Tests;

public class NormalizationTests
{
    private static readonly Tensor X = OpRun.Random(new Random(3), 2, 3, 4, 2);

    [Fact]
    public void SoftmaxByHand()
    {
        var x = OpRun.F32([2, 2], 0, 0.6931472f, 1000, 1000);
        OpRun.Close(OpRun.F32([2, 2], 1 / 3f, 2 / 3f, 0.5f, 0.5f), OpRun.One(new Softmax(), x));
        OpRun.Close(OpRun.F32([2, 2], -1.0986123f, -0.4054651f, -0.6931472f, -0.6931472f), OpRun.One(new LogSoftmax(), x));
        Assert.Equal(OpRun.F32([2, 2], 0, 1, 1, 0), OpRun.One(new Hardmax(), x));
        Assert.Equal(OpRun.F32([2, 2], 0, 0, 1, 1), OpRun.One(new Hardmax(0), x));
        Assert.Equal(OpRun.F32([4], 0, 1, 0, 0), OpRun.One(new Hardmax(), OpRun.F32([4], 7, float.NaN, 9, float.NaN)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    public void SoftmaxSumsToOne(long axis) =>
        Assert.All(OpRun.One(new ReduceSum(), OpRun.One(new Softmax(axis), X), Tensor.Vector(axis)).ToDoubles(), sum =>
            Assert.Equal(1, sum, 1e-6));

    [Theory]
    [InlineData("Softmax", 0)]
    [InlineData("Softmax", 1)]
    [InlineData("Softmax", 2)]
    [InlineData("Softmax", 3)]
    [InlineData("LogSoftmax", 2)]
    [InlineData("Hardmax", 2)]
    public void OldFormsWorkOnAllAxesFromOneOn(string op, long axis)
    {
        long rows = X.Dims.Take((int)axis).Aggregate(1L, (p, d) => p * d);
        Op today = op switch { "Softmax" => new Softmax(), "LogSoftmax" => new LogSoftmax(), _ => new Hardmax() };
        var expected = OpRun.One(today, X.Reshape([rows, X.Count / rows])).Reshape(X.Dims.AsSpan());
        foreach (int opset in new[] { 1, 11, 12 })
            Assert.Equal(expected, OneNode.Run(opset, op, [("axis", axis)], 1, X)[0]);
        if (axis == 2) Assert.Equal(expected, OneNode.Run(11, op, [("axis", -2L)], 1, X)[0]);
    }

    [Fact]
    public void OldSoftmaxOfOneLongAxisNeedsNoOtherNode()
    {
        var graph = OneNode.Read(9, "Softmax", [], 1, OpRun.Random(new Random(1), 2, 5, 1, 1));
        Assert.Equal(new Softmax(1), Assert.Single(graph.Nodes).Op);
    }

    [Fact]
    public void BatchNormalizationByHand()
    {
        var x = OpRun.F32([1, 2, 2], 1, 2, 3, 4);
        Tensor scale = OpRun.F32([2], 2, 1), bias = OpRun.F32([2], 0, 10), mean = OpRun.F32([2], 1, 3), variance = OpRun.F32([2], 4, 1);
        OpRun.Close(OpRun.F32([1, 2, 2], 0, 1, 10, 11), OpRun.One(new BatchNormalization(Epsilon: 0), x, scale, bias, mean, variance));
        // Of the batch: mean 1.5 and 3.5, variance 0.25 each.
        var results = OpRun.Many(new BatchNormalization(Epsilon: 0, Momentum: 0.5f, TrainingMode: true), 3, x, scale, bias, mean, variance);
        OpRun.Close(OpRun.F32([1, 2, 2], -2, 2, 9, 11), results[0]);
        OpRun.Close(OpRun.F32([2], 1.25f, 3.25f), results[1]);
        OpRun.Close(OpRun.F32([2], 2.125f, 0.625f), results[2]);
    }

    [Fact]
    public void OldBatchNormalizations()
    {
        Tensor[] c = [OpRun.F32([3], 1, 2, 3), OpRun.F32([3], 0, 1, -1), OpRun.F32([3], 0.5f, 0, -0.5f), OpRun.F32([3], 1, 4, 0.25f)];
        var expected = OpRun.One(new BatchNormalization(), [X, .. c]);
        foreach (var (opset, attributes) in new (int, (string, object)[])[]
        {
            (1, [("is_test", 1L), ("consumed_inputs", new long[] { 0, 0, 0, 1, 1 })]), (6, [("is_test", 1L), ("spatial", 1L)]),
                (7, [("spatial", 1L)]), (9, []), (14, []), (15, []),
        })
            Assert.Equal(expected, OneNode.Run(opset, "BatchNormalization", attributes, 1, [X, .. c])[0]);
        // Each element with statistics of its own.
        Tensor[] e = [.. Enumerable.Range(1, 4).Select(i => OpRun.One(new ReduceL1(Keepdims: false),
            OpRun.Random(new Random(i), 2, 3, 4, 2), Tensor.Vector<long>(0)))];
        var y = OneNode.Run(7, "BatchNormalization", [("spatial", 0L), ("epsilon", 0f)], 1, [X, .. e])[0].ToDoubles();
        double[] x = X.ToDoubles(), scale = e[0].ToDoubles(), bias = e[1].ToDoubles(), mean = e[2].ToDoubles(), variance = e[3].ToDoubles();
        for (int i = 0; i < x.Length; i++) Assert.Equal((x[i] - mean[i % 24]) / Math.Sqrt(variance[i % 24]) * scale[i % 24]
            + bias[i % 24], y[i], 1e-4);
        // Training before opset 14 is told by the number of results, before 7 by an attribute.
        var trained = OpRun.Many(new BatchNormalization(TrainingMode: true), 3, [X, .. c]);
        Assert.Equal(trained, OneNode.Run(9, "BatchNormalization", [], 3, [X, .. c]));
        Assert.Equal(trained[0], OneNode.Run(6, "BatchNormalization", [], 1, [X, .. c])[0]);
    }

    [Fact]
    public void LayerNormalizationGivesMeanZeroAndVarianceOne()
    {
        var results = OpRun.Many(new LayerNormalization(2, Epsilon: 0), 3, X, OpRun.F32([1], 1));
        Assert.Equal(Shape.Of(2, 3, 1, 1), results[1].Type.Shape);
        double[] x = X.ToDoubles(), y = results[0].ToDoubles(), mean = results[1].ToDoubles(), inverse = results[2].ToDoubles();
        for (int row = 0; row < 6; row++)
        {
            var part = y.AsSpan(row * 8, 8).ToArray();
            Assert.Equal(0, part.Sum(), 1e-5);
            Assert.Equal(8, part.Sum(item => item * item), 1e-4);
            Assert.Equal(x.AsSpan(row * 8, 8).ToArray().Average(), mean[row], 1e-6);
            Assert.Equal((x[row * 8] - mean[row]) * inverse[row], part[0], 1e-5);
        }
    }

    [Fact]
    public void RelationsBetweenNormalizations()
    {
        Tensor scale = OpRun.F32([4], 1, 2, 3, 4), bias = OpRun.F32([4], 0, -1, 1, 0), ones = OpRun.F32([4], 1, 1, 1, 1);
        var x = OpRun.Random(new Random(8), 2, 4, 3, 2);
        var instance = OpRun.One(new InstanceNormalization(), x, scale, bias);
        OpRun.Close(instance, OpRun.One(new GroupNormalization(4), x, scale, bias));
        // One group of all channels is a layer normalization of all axes but the first.
        OpRun.Close(OpRun.One(new LayerNormalization(1), x, OpRun.F32([1], 1)),
            OpRun.One(new GroupNormalization(1), x, ones, OpRun.F32([4], 0, 0, 0, 0)));
        // With scale 1 and no shift, MVN over the spatial axes is an instance normalization without epsilon.
        OpRun.Close(OpRun.One(new InstanceNormalization(1e-12f), x, ones, OpRun.F32([4], 0, 0, 0, 0)),
            OpRun.One(new MeanVarianceNormalization([2, 3]), x), 1e-5);
    }

    [Fact]
    public void OldGroupNormalizationHadAScaleForEachGroup()
    {
        var x = OpRun.Random(new Random(8), 2, 4, 3);
        var expected = OpRun.One(new GroupNormalization(2), x, OpRun.F32([4], 2, 2, 3, 3), OpRun.F32([4], 0, 0, 1, 1));
        Assert.Equal(expected, OneNode.Run(18, "GroupNormalization", [("num_groups", 2L)], 1, x, OpRun.F32([2], 2, 3),
            OpRun.F32([2], 0, 1))[0]);
    }

    [Fact]
    public void OthersByHand()
    {
        OpRun.Close(OpRun.F32([1, 2], 0.6f / MathF.Sqrt(0.5f), 1.6f / MathF.Sqrt(0.5f)),
            OpRun.One(new RMSNormalization(Epsilon: 0), OpRun.F32([1, 2], 3, 4), OpRun.F32([2], 1, 2)));
        Assert.Equal(OpRun.F32([2, 2], 0.6f, 0.8f, 0, 0), OpRun.One(new LpNormalization(), OpRun.F32([2, 2], 3, 4, 0, 0)));
        Assert.Equal(OpRun.F32([1, 2], 0.25f, -0.75f), OpRun.One(new LpNormalization(P: 1), OpRun.F32([1, 2], 1, -3)));
        // Sums of squares over channels c-1 .. c+1 are 5, 14, 13.
        OpRun.Close(OpRun.F32([1, 3, 1], 1 / 6f, 2 / 15f, 3 / 14f),
            OpRun.One(new LRN(3, Alpha: 3, Beta: 1, Bias: 1), OpRun.F32([1, 3, 1], 1, 2, 3)));
        // An even size reaches one further up than down: 1+4, 4+9, 9.
        OpRun.Close(OpRun.F32([1, 3, 1], 1 / 5f, 2 / 13f, 3 / 9f), OpRun.One(new LRN(2, Alpha: 2, Beta: 1, Bias: 0),
            OpRun.F32([1, 3, 1], 1, 2, 3)));
    }

    [Fact]
    public void FaultsSayTheShapes()
    {
        var x = new TensorType(DType.Float32, Shape.Of(2, 3, 4));
        Assert.Contains("scale must be [3] (one for each channel), got f32[4]",
            OpRun.Fault(new BatchNormalization(), x, F32(4), F32(3), F32(3), F32(3)));
        Assert.Contains("operand 1, f32[3], does not broadcast to [2x3x4]", OpRun.Fault(new LayerNormalization(), x, F32(3)));
        Assert.Contains("cannot divide the channels of f32[2x3x4] into 2 groups",
            OpRun.Fault(new GroupNormalization(2), x, F32(3), F32(3)));
        Assert.Contains("axis 3 is outside of rank 3", OpRun.Fault(new Softmax(3), x));

        static TensorType F32(long size) => new(DType.Float32, Shape.Of(size));
    }
}
