using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests;

public class ConvTransposeTests
{
    private static TensorType F32(params ReadOnlySpan<Dim> dims) => new(DType.Float32, new Shape([.. dims]));

    [Fact]
    public void ByHand()
    {
        var x = OpRun.F32([1, 1, 2], 1, 2);
        var w = OpRun.F32([1, 1, 3], 1, 10, 100);
        Assert.Equal(OpRun.F32([1, 1, 4], 1, 12, 120, 200), OpRun.One(new ConvTranspose(), x, w));
        Assert.Equal(OpRun.F32([1, 1, 5], 1, 10, 102, 20, 200), OpRun.One(new ConvTranspose(Strides: [2]), x, w));
        Assert.Equal(OpRun.F32([1, 1, 6], 1, 10, 102, 20, 200, 0), OpRun.One(new ConvTranspose(OutputPadding: [1], Strides: [2]), x, w));
        Assert.Equal(OpRun.F32([1, 1, 3], 10, 102, 20), OpRun.One(new ConvTranspose(Pads: [1, 1], Strides: [2]), x, w));
        Assert.Equal(OpRun.F32([1, 1, 4], 1, 10, 102, 20), OpRun.One(new ConvTranspose(AutoPad.SameUpper, Strides: [2]), x, w));
        Assert.Equal(OpRun.F32([1, 1, 4], 10, 102, 20, 200), OpRun.One(new ConvTranspose(AutoPad.SameLower, Strides: [2]), x, w));
        Assert.Equal(OpRun.F32([1, 1, 4], 15, 107, 25, 205), OpRun.One(new ConvTranspose(OutputShape: [4], Strides: [2]), x, w,
            OpRun.F32([1], 5)));
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 30)];

    /// <summary>
    /// The transposed convolution is the adjoint of the convolution: the scalar products conv(x)·y and x·convT(y) are equal.
    /// </summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public void IsTheAdjointOfTheConvolution(int seed)
    {
        var random = new Random(seed);
        int rank = random.Next(1, 4), group = random.Next(1, 3);
        long channels = random.Next(1, 4), filters = random.Next(1, 4);
        long[] Sizes(int low, int high) => [.. Enumerable.Range(0, rank).Select(_ => (long)random.Next(low, high))];
        long[] kernel = Sizes(1, 4), dilations = Sizes(1, 3), strides = Sizes(1, 4), begin = Sizes(0, 3), end = Sizes(0, 3);
        long[] size = [.. Enumerable.Range(0, rank).Select(i => (kernel[i] - 1) * dilations[i] + 1 + random.Next(3, 9))];
        var x = OpRun.Random(random, [2, group * channels, .. size]);
        var w = OpRun.Random(random, [group * filters, channels, .. kernel]);
        var pads = begin.Concat(end).ToEquatable();
        var conv = OpRun.One(new Conv(Dilations: dilations.ToEquatable(), Group: group, Pads: pads, Strides: strides.ToEquatable()), x, w);
        var y = OpRun.Random(random, [.. conv.Dims]);
        long[] unused = [.. Enumerable.Range(0, rank).Select(i => (size[i] + begin[i]
            + end[i] - (kernel[i] - 1) * dilations[i] - 1) % strides[i])];
        var op = new ConvTranspose(Dilations: dilations.ToEquatable(), Group: group, OutputPadding: unused.ToEquatable(), Pads: pads,
            Strides: strides.ToEquatable());
        var back = OpRun.One(op, y, w);
        Assert.Equal(x.Type, back.Type);
        Assert.Equal(Dot(conv, y), Dot(x, back), 1e-4);

        static double Dot(Tensor a, Tensor b) => a.ToDoubles().Zip(b.ToDoubles()).Sum(pair => pair.First * pair.Second);
    }

    [Fact]
    public void FaultsSayTheNumbers()
    {
        Assert.Contains("windows reach over 3, and padding takes away 2 and 2",
            OpRun.Fault(new ConvTranspose(Pads: [2, 2]), F32(1, 1, 2), F32(1, 1, 2)));
        Assert.Contains("divides its 3 channels into 2 groups", OpRun.Fault(new ConvTranspose(Group: 2), F32(1, 3, 2), F32(3, 1, 2)));
        Assert.Contains("got [1x2x3] and [3x1x2]", OpRun.Fault(new ConvTranspose(), F32(1, 2, 3), F32(3, 1, 2)));
    }

    [Fact]
    public void WorkIsExact()
    {
        // 3 to 2 channels, 3x3, stride 2, with bias, on 224: 224*224*3*2*9 products and 449*449*2 sums are 3,112,706 together.
        var op = new ConvTranspose(Strides: [2, 2]);
        TensorType[] operands = [F32(1, 3, 224, 224), F32(3, 2, 3, 3), F32(2)];
        var work = op.Measure(new MeasureContext([.. operands], [.. OpRun.Infer(op, 1, [.. operands])]));
        Assert.Equal(3_112_706, (work.Macs + work.Arithmetic).Value);
    }
}
