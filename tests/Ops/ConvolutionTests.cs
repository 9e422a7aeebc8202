using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests;

public class ConvolutionTests
{
    private static TensorType F32(params ReadOnlySpan<Dim> dims) => new(DType.Float32, new Shape([.. dims]));

    [Fact]
    public void ByHand()
    {
        var x = OpRun.F32([1, 1, 3, 3], 1, 2, 3, 4, 5, 6, 7, 8, 9);
        var w = OpRun.F32([1, 1, 2, 2], 1, 0, 0, 1);
        Assert.Equal(OpRun.F32([1, 1, 2, 2], 6, 8, 12, 14), OpRun.One(new Conv(), x, w));
        Assert.Equal(OpRun.F32([1, 1, 2, 2], 11, 13, 17, 19), OpRun.One(new Conv(), x, w, OpRun.F32([1], 5)));
        Assert.Equal(OpRun.F32([1, 1, 3, 3], 6, 8, 3, 12, 14, 6, 7, 8, 9), OpRun.One(new Conv(AutoPad.SameUpper), x, w));
        Assert.Equal(OpRun.F32([1, 1, 3, 3], 1, 2, 3, 4, 6, 8, 7, 12, 14), OpRun.One(new Conv(AutoPad.SameLower), x, w));
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void AgreesWithTheDefinition(int seed)
    {
        var random = new Random(seed);
        int rank = random.Next(1, 4), group = random.Next(1, 4);
        long n = random.Next(1, 3), channels = random.Next(1, 4), filters = group * random.Next(1, 4);
        long[] Sizes(int low, int high) => [.. Enumerable.Range(0, rank).Select(_ => (long)random.Next(low, high))];
        long[] kernel = Sizes(1, 4), dilations = Sizes(1, 3), strides = Sizes(1, 4), begin = Sizes(0, 4), end = Sizes(0, 4);
        long[] size = [.. Enumerable.Range(0, rank).Select(i => (kernel[i] - 1) * dilations[i] + 1 + random.Next(0, 12))];
        Tensor x = OpRun.Random(random, [n, channels * group, .. size]), w = OpRun.Random(random, [filters, channels, .. kernel]);
        var bias = OpRun.Random(random, filters);
        var op = new Conv(Dilations: dilations.ToEquatable(), Group: group, Pads: begin.Concat(end).ToEquatable(),
            Strides: strides.ToEquatable());
        var y = OpRun.One(op, x, w, bias);

        double[] input = x.ToDoubles(), weights = w.ToDoubles();
        long[] result = [n, filters, .. Enumerable.Range(0, rank)
            .Select(i => (size[i] + begin[i] + end[i] - (kernel[i] - 1) * dilations[i] - 1) / strides[i] + 1)];
        Assert.Equal(Shape.Of(result), y.Type.Shape);
        double[] actual = y.ToDoubles();
        int at = 0;
        foreach (long[] place in Places(result))
        {
            double sum = 0;
            long firstChannel = place[1] / (filters / group) * channels;
            foreach (long[] tap in Places([channels, .. kernel]))
            {
                long[] source =
                    [.. Enumerable.Range(0, rank).Select(i => place[i + 2] * strides[i] + tap[i + 1] * dilations[i] - begin[i])];
                if (source.Where((s, i) => s < 0 || s >= size[i]).Any()) continue;
                sum += input[Index(x.Dims, [place[0], firstChannel + tap[0], .. source])] * weights[Index(w.Dims, [place[1], .. tap])];
            }
            Assert.Equal((float)(sum + bias.ToDoubles()[place[1]]), (float)actual[at++]);
        }
    }

    [Fact]
    public void SymbolicSizes()
    {
        Dim n = Dim.Symbol("N"), h = Dim.Symbol("H", 1);
        var same = OpRun.Infer(new Conv(Pads: [1, 1, 1, 1]), 1, F32(n, 3, h, 20), F32(8, 3, 3, 3))[0];
        Assert.Equal(F32(n, 8, h, 20), same);
        var half = (TensorType)OpRun.Infer(new Conv(AutoPad.SameUpper, Strides: [2, 2]), 1, F32(n, 3, h, 21), F32(8, 3, 3, 3))[0];
        Assert.Equal("N,8,floordiv(H+1,2),11", half.Shape!.ToString());
        Assert.Equal(new TensorType(DType.Float32, null),
            OpRun.Infer(new Conv(), 1, new TensorType(DType.Float32, null), F32(8, 3, 3, 3))[0]);
    }

    [Fact]
    public void FaultsSayTheNumbers()
    {
        Assert.Contains("got [1x3x8x8] and [4x2x3x3] with group 1", OpRun.Fault(new Conv(), F32(1, 3, 8, 8), F32(4, 2, 3, 3)));
        Assert.Contains("window of 7 (3 taps, dilation 3) along spatial axis 1, which does not fit into 4 with padding 1 and 0",
            OpRun.Fault(new Conv(Dilations: [1, 3], Pads: [0, 1, 0, 0]), F32(1, 3, 8, 4), F32(4, 3, 3, 3)));
        Assert.Contains("takes as many strides of 1 and more, got [2]",
            OpRun.Fault(new Conv(Strides: [2]), F32(1, 3, 8, 8), F32(4, 3, 3, 3)));
        Assert.Contains("B must be [4]", OpRun.Fault(new Conv(), F32(1, 3, 8, 8), F32(4, 3, 3, 3), F32(3)));
        Assert.Contains("3 groups, which leaves a rest", OpRun.Fault(new Conv(Group: 3), F32(1, 3, 8, 8), F32(4, 1, 3, 3)));
    }

    [Fact]
    public void WorkIsExact()
    {
        // 3x3, 64 to 128 channels at 112x112: 924,844,032 MACs; depthwise 7,225,344.
        Assert.Equal(924_844_032, Work(new Conv(Pads: [1, 1, 1, 1]), F32(1, 64, 112, 112), F32(128, 64, 3, 3)).Macs.Value);
        Assert.Equal(7_225_344, Work(new Conv(Group: 64, Pads: [1, 1, 1, 1]), F32(1, 64, 112, 112), F32(64, 1, 3, 3)).Macs.Value);
        // 3 to 2 channels, 3x3 with bias at 224: 2,759,904 together with the bias.
        var work = Work(new Conv(Pads: [1, 1, 1, 1]), F32(1, 3, 224, 224), F32(2, 3, 3, 3), F32(2));
        Assert.Equal(2_809_856, (work.Macs + work.Arithmetic).Value);
        work = Work(new Conv(), F32(1, 3, 224, 224), F32(2, 3, 3, 3), F32(2));
        Assert.Equal(2_759_904, (work.Macs + work.Arithmetic).Value);
    }

    private static Work Work(Conv op, params TensorType[] operands) =>
        op.Measure(new MeasureContext([.. operands], [.. OpRun.Infer(op, 1, [.. operands])]));

    private static IEnumerable<long[]> Places(long[] sizes)
    {
        var place = new long[sizes.Length];
        for (; ; )
        {
            yield return [.. place];
            int axis = sizes.Length - 1;
            while (axis >= 0 && ++place[axis] == sizes[axis]) place[axis--] = 0;
            if (axis < 0) yield break;
        }
    }

    private static long Index(IReadOnlyList<long> sizes, long[] place) =>
        place.Select((p, i) => (p, i)).Aggregate(0L, (sum, pair) => sum * sizes[pair.i] + pair.p);
}
