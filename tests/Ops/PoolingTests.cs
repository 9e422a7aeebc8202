using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Tests.Support;

namespace Nncc.Tests;

public class PoolingTests
{
    private static readonly Tensor Nine = OpRun.F32([1, 1, 3, 3], 1, 2, 3, 4, 5, 6, 7, 8, 9);

    private static TensorType F32(params ReadOnlySpan<Dim> dims) => new(DType.Float32, new Shape([.. dims]));

    [Fact]
    public void ByHand()
    {
        Assert.Equal(OpRun.F32([1, 1, 2, 2], 5, 6, 8, 9), OpRun.One(new MaxPool([2, 2]), Nine));
        Assert.Equal(OpRun.F32([1, 1, 2, 2], 3, 4, 6, 7), OpRun.One(new AveragePool([2, 2]), Nine));
        Assert.Equal(OpRun.F32([1, 1, 2, 2], 12, 16, 24, 28), OpRun.One(new LpPool([2, 2], P: 1), Nine));
        Assert.Equal(OpRun.F32([1, 1, 1, 1], 5), OpRun.One(new GlobalAveragePool(), Nine));
        Assert.Equal(OpRun.F32([1, 1, 1, 1], 9), OpRun.One(new GlobalMaxPool(), Nine));
        Assert.Equal(OpRun.F32([1, 1, 1, 1], MathF.Sqrt(285)), OpRun.One(new GlobalLpPool(), Nine));
    }

    [Fact]
    public void CeilingKeepsTheLastPartOfTheImage()
    {
        Assert.Equal(OpRun.F32([1, 1, 2, 2], 5, 6, 8, 9), OpRun.One(new MaxPool([2, 2], CeilMode: true, Strides: [2, 2]), Nine));
        Assert.Equal(OpRun.F32([1, 1, 1, 1], 5), OpRun.One(new MaxPool([2, 2], Strides: [2, 2]), Nine));
        Assert.Equal(OpRun.F32([1, 1, 2, 2], 3, 4.5f, 7.5f, 9), OpRun.One(new AveragePool([2, 2], CeilMode: true, Strides: [2, 2]), Nine));
        // A window that would begin in the padding at the end is left out: 4 + 1 + 1 in steps of 3 would be 2 windows and a third.
        Assert.Equal(F32(1, 1, 2), OpRun.Infer(new MaxPool([1], CeilMode: true, Pads: [1, 1], Strides: [3]), 1, F32(1, 1, 4))[0]);
    }

    [Fact]
    public void PaddingCountsWhereAsked()
    {
        var x = OpRun.F32([1, 1, 2], 4, 8);
        Assert.Equal(OpRun.F32([1, 1, 3], 4, 6, 8), OpRun.One(new AveragePool([2], Pads: [1, 1]), x));
        Assert.Equal(OpRun.F32([1, 1, 3], 2, 6, 4), OpRun.One(new AveragePool([2], CountIncludePad: true, Pads: [1, 1]), x));
        // The last window reaches beyond what is there, because windows are rounded up: that part never counts.
        Assert.Equal(OpRun.F32([1, 1, 2], 10, 5), OpRun.One(new AveragePool([3], CeilMode: true, CountIncludePad: true, Strides: [2]),
            OpRun.F32([1, 1, 4], 8, 16, 6, 4)));
        Assert.Equal(OpRun.F32([1, 1, 2], 12, 8), OpRun.One(new AveragePool([2], CeilMode: true, Strides: [2]),
            OpRun.F32([1, 1, 3], 8, 16, 8)));
    }

    [Fact]
    public void IndicesCountOverAllAxes()
    {
        var x = OpRun.F32([1, 2, 2, 3], 1, 5, 2, 7, 3, 4, 9, 8, 7, 6, 5, 4);
        var results = OpRun.Many(new MaxPool([2, 2]), 2, x);
        Assert.Equal(OpRun.F32([1, 2, 1, 2], 7, 5, 9, 8), results[0]);
        Assert.Equal(Tensor.Of<long>([1, 2, 1, 2], [3, 1, 6, 7]), results[1]);
        results = OpRun.Many(new MaxPool([2, 2], StorageOrder: true), 2, x);
        Assert.Equal(Tensor.Of<long>([1, 2, 1, 2], [1, 2, 6, 8]), results[1]); // rows come first: place (1,0) is 1, (0,1) is 2
    }

    [Fact]
    public void UnpoolingPutsTheGreatestBack()
    {
        var x = OpRun.Random(new Random(5), 2, 3, 6, 4);
        var pooled = OpRun.Many(new MaxPool([2, 2], Strides: [2, 2]), 2, x);
        var back = OpRun.One(new MaxUnpool([2, 2], Strides: [2, 2]), pooled[0], pooled[1]);
        Assert.Equal(x.Type, back.Type);
        double[] items = x.ToDoubles(), restored = back.ToDoubles();
        Assert.Equal(pooled[0].Count, restored.Count(item => item != 0));
        for (int i = 0; i < items.Length; i++) Assert.True(restored[i] == 0 || restored[i] == items[i]);
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void AgreesWithTheDefinition(int seed)
    {
        var random = new Random(seed);
        int rank = random.Next(1, 4);
        long[] Sizes(int low, int high) => [.. Enumerable.Range(0, rank).Select(_ => (long)random.Next(low, high))];
        long[] kernel = Sizes(1, 4), dilations = Sizes(1, 3), strides = Sizes(1, 4);
        long[] begin = [.. kernel.Select(k => random.NextInt64(0, k))], end = [.. kernel.Select(k => random.NextInt64(0, k))];
        long[] size = [.. Enumerable.Range(0, rank).Select(i => (kernel[i] - 1) * dilations[i] + 1 + random.Next(0, 9))];
        bool ceil = random.Next(2) == 0, counted = random.Next(2) == 0;
        var x = OpRun.Random(random, [2, 2, .. size]);
        var pads = begin.Concat(end).ToEquatable();
        var max = OpRun.One(new MaxPool(kernel.ToEquatable(), CeilMode: ceil, Dilations: dilations.ToEquatable(), Pads: pads,
            Strides: strides.ToEquatable()), x);
        var mean = OpRun.One(new AveragePool(kernel.ToEquatable(), CeilMode: ceil, CountIncludePad: counted,
            Dilations: dilations.ToEquatable(), Pads: pads,
            Strides: strides.ToEquatable()), x);
        var norm = OpRun.One(new LpPool(kernel.ToEquatable(), CeilMode: ceil, Dilations: dilations.ToEquatable(), P: 3, Pads: pads,
            Strides: strides.ToEquatable()), x);
        long[] windows = [.. Enumerable.Range(0, rank).Select(i => Windows(size[i] + begin[i]
            + end[i] - (kernel[i] - 1) * dilations[i] - 1, strides[i], size[i] + begin[i], ceil))];
        Assert.Equal(Shape.Of([2, 2, .. windows]), max.Type.Shape);
        double[] items = x.ToDoubles();
        long plane = size.Aggregate(1L, (p, s) => p * s), count = windows.Aggregate(1L, (p, s) => p * s);
        for (long at = 0; at < 4 * count; at++)
        {
            var inside = new List<double>();
            int places = 0;
            for (long tap = 0; tap < kernel.Aggregate(1L, (p, s) => p * s); tap++)
            {
                long window = at % count, rest = tap, place = 0, step = 1;
                bool isElement = true, isPadded = true;
                for (int axis = rank - 1; axis >= 0; axis--)
                {
                    long p = window % windows[axis] * strides[axis] + rest % kernel[axis] * dilations[axis] - begin[axis];
                    (window, rest) = (window / windows[axis], rest / kernel[axis]);
                    isElement &= p >= 0 && p < size[axis];
                    isPadded &= p < size[axis] + end[axis];
                    place += p * step;
                    step *= size[axis];
                }
                if (isElement) inside.Add(items[at / count * plane + place]);
                if (isPadded) places++;
            }
            Assert.Equal((float)inside.DefaultIfEmpty(double.NegativeInfinity).Max(), (float)max.ToDoubles()[at]);
            Assert.Equal(inside.Sum() / (counted ? places : inside.Count), mean.ToDoubles()[at], 1e-6);
            Assert.Equal(Math.Cbrt(inside.Sum(item => Math.Abs(item * item * item))), norm.ToDoubles()[at], 1e-6);
        }
    }

    [Fact]
    public void OldFormsAreRead()
    {
        var x = OpRun.F32([1, 1, 4], -1, 2, 3, -4);
        Assert.Equal(OpRun.F32([1, 1, 1], 10), OneNode.Run(1, "GlobalLpPool", [("p", 1f)], 1, x)[0]);
        Assert.Equal(OpRun.F32([1, 1, 2], 3, 7), OneNode.Run(1, "LpPool",
            [("kernel_shape", new long[] { 2 }), ("p", 1f), ("strides", new long[] { 2 })], 1, x)[0]);
        Assert.Equal(OpRun.F32([1, 1, 2], 2, 3), OneNode.Run(8, "MaxPool",
            [("kernel_shape", new long[] { 2 }), ("strides", new long[] { 2 })], 2, x)[0]);
        Assert.Contains("norm of order 2.5", Assert.Throws<NnccException>(() =>
            OneNode.Run(1, "GlobalLpPool", [("p", 2.5f)], 1, x)).Message);
    }

    [Fact]
    public void WorkIsExact()
    {
        var work = new AveragePool([2, 2]).Measure(new MeasureContext([F32(1, 3, 5, 5)], [F32(1, 3, 4, 4)]));
        Assert.Equal((Dim.Of(0), Dim.Of(3 * 16 * 4)), (work.Macs, work.Arithmetic));
    }

    private static long Windows(long room, long stride, long last, bool ceil)
    {
        if (!ceil) return room / stride + 1;
        long windows = (room + stride - 1) / stride + 1;
        return (windows - 1) * stride >= last ? windows - 1 : windows;
    }
}
