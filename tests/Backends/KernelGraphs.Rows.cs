using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Backends;

internal static partial class KernelGraphs
{
    public static GraphList Pools => new()
    {
        ["pool 3x3 stride 2"] = () => Pooled(DType.Float32, [3, 3], [1, 1, 1, 1], [2, 2], 2, 3, 17, 41),
        ["pool 3x3 stride 1"] = () => Pooled(DType.Float32, [3, 3], [0, 1, 2, 1], [1, 1], 1, 4, 9, 37),
        ["pool 2x2 stride 2"] = () => Pooled(DType.Float32, [2, 2], [], [2, 2], 1, 3, 14, 36),
        ["pool wide"] = () => Pooled(DType.Float32, [1, 11], [0, 5, 0, 5], [1, 3], 1, 2, 5, 70),
        ["pool whole"] = () => Pooled(DType.Float32, [7, 7], [], [1, 1], 1, 5, 7, 7),
        ["pool 1d"] = () => Pooled(DType.Float32, [4], [2, 1], [2], 2, 3, 57),
        ["pool 3d"] = () => Pooled(DType.Float32, [2, 3, 2], [1, 0, 1, 0, 2, 0], [2, 1, 1], 1, 2, 5, 6, 19),
        ["pool f64"] = () => Pooled(DType.Float64, [3, 2], [1, 1, 0, 1], [2, 3], 1, 2, 8, 9),
        ["pool beyond"] = () => BuildMany(b =>
        {
            // Rounded up, so that the last windows reach beyond the padding; and windows of padding alone.
            int x = b.Input("x", DType.Float32, 1, 2, 10, 11);
            return
            [
                b.Add("average", new AveragePool([3, 3], CeilMode: true, CountIncludePad: true, Pads: [1, 1, 1, 1], Strides: [2, 2]), x),
                b.Add("max", new MaxPool([3, 2], CeilMode: true, Dilations: [2, 3], Pads: [1, 0, 0, 1], Strides: [3, 2]), x),
                b.Add("dilated", new AveragePool([2, 2], Dilations: [2, 4], Pads: [2, 4, 2, 4]), x),
                b.Add("padding", new MaxPool([2, 2], Pads: [2, 2, 2, 2]), x),
                b.Add("same", new AveragePool([4, 3], AutoPad.SameLower, Strides: [2, 3]), x),
                b.Add("valid", new LpPool([4, 3], AutoPad.Valid, P: 3), x),
            ];
        }),
        ["pool i8"] = () => Build(b =>
            b.Add("max", new MaxPool([3, 3], Pads: [1, 1, 1, 1], Strides: [2, 2]), b.Input("x", DType.Int8, 1, 2, 9, 9))),
        ["pool u8"] = () => Build(b => b.Add("max", new MaxPool([3], Pads: [1, 1]), b.Input("x", DType.UInt8, 1, 2, 9))),
        ["pool then"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 2, 3, 9, 20);
            int max = b.Add("max", new MaxPool([3, 3], Pads: [1, 1, 1, 1]), x);
            int average = b.Add("average", new AveragePool([2, 2], Strides: [2, 2]), x);
            average = b.Add("scale", new Mul(), average, b.Constant("s", Random(1, 3, 1, 1)));
            return [b.Add("add", new Add(), b.Add("relu", new Relu(), max), x),
                b.Add("column", new Add(), average, b.Constant("c", Random(2, 4, 1)))];
        }),
    };

    public static GraphList Norms => new()
    {
        ["softmax rows"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 3, 5, 67), y = b.Input("y", DType.Float32, 7, 5);
            return [b.Add("softmax", new Softmax(), x), b.Add("log", new LogSoftmax(), x), b.Add("short", new Softmax(1), y)];
        }),
        ["softmax columns"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 2, 9, 5, 11);
            return [b.Add("softmax", new Softmax(1), x), b.Add("log", new LogSoftmax(-3), x), b.Add("first", new Softmax(0), x)];
        }),
        ["softmax f64"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float64, 2, 9, 5);
            return [b.Add("softmax", new Softmax(1), x), b.Add("log", new LogSoftmax(), x)];
        }),
        ["softmax then"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 3, 6, 37);
            int rows = b.Add("mul", new Mul(), b.Add("rows", new Softmax(), x), b.Constant("s", Random(3, 6, 1)));
            int columns = b.Add("add", new Add(), b.Add("columns", new LogSoftmax(1), x), b.Constant("c", Random(3, 37)));
            int across = b.Add("sub", new Sub(), b.Add("across", new Softmax(1), x), b.Constant("d", Random(4, 6, 1)));
            return [b.Add("abs", new Abs(), rows), b.Add("relu", new Relu(), columns), across];
        }),
        ["softmax special"] = () => BuildMany(b =>
        {
            const float inf = float.PositiveInfinity;
            int x = b.Constant("x", Tensor.Of<float>([4, 3], [-inf, 100, 99, -inf, -inf, -inf, float.NaN, 1, 2, inf, 0, -1]));
            return [b.Add("rows", new Softmax(), x), b.Add("log", new LogSoftmax(), x), b.Add("columns", new Softmax(0), x)];
        }),
        ["layernorm"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 2, 5, 83), scale = b.Constant("s", Random(1, 83)), bias = b.Constant("b", Random(2, 83));
            int y = b.Add("last", new LayerNormalization(), x, scale, bias);
            var all = b.AddMany("all", new LayerNormalization(1), 3, x, b.Constant("s2", Random(3, 5, 83)),
                b.Constant("b2", Random(4, 5, 1)));
            int plain = b.Add("plain", new LayerNormalization(Epsilon: 0.1f), x, b.Constant("one", Tensor.Vector(1.5f)));
            return [b.Add("gelu", new Gelu(), b.Add("add", new Add(), y, x)), .. all, plain];
        }),
        ["layernorm mean"] = () =>
            Build(b => b.AddMany("norm", new LayerNormalization(), 2, b.Input("x", DType.Float32, 3, 7), b.Constant("s", Random(1, 7)))[1]),
        ["layernorm by row"] = () => Build(b =>
            b.Add("norm", new LayerNormalization(2), b.Input("x", DType.Float32, 3, 4, 7), b.Constant("s", Random(1, 3, 1, 7)),
                b.Constant("b", Random(2, 4, 1)))),
        ["layernorm f64"] = () => Build(b =>
            b.Add("norm", new LayerNormalization(), b.Input("x", DType.Float64, 3, 37), Doubles(b, 1, 37), Doubles(b, 2, 37))),
        ["layernorm large mean"] = () => Build(b =>
        {
            int x = b.Add("add", new Add(), b.Input("x", DType.Float32, 3, 200), b.Constant("c", Tensor.Scalar(64f)));
            return b.Add("norm", new LayerNormalization(), b.Add("round", new Round(), x), b.Constant("s", Random(1, 200)));
        }),
        ["rmsnorm"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 2, 5, 51);
            int scale = b.Constant("s", Random(1, 51));
            return [b.Add("last", new RMSNormalization(), x, scale), b.Add("two", new RMSNormalization(-2), x, scale)];
        }),
        ["instancenorm"] = () => Build(b =>
        {
            int x = b.Input("x", DType.Float32, 2, 3, 9, 7);
            int t = b.Add("norm", new InstanceNormalization(), x, b.Constant("s", Random(1, 3)), b.Constant("b", Random(2, 3)));
            return b.Add("relu", new LeakyRelu(0.1f), b.Add("add", new Add(), t, x));
        }),
        ["groupnorm"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 2, 6, 5, 7), scale = b.Constant("s", Random(1, 6)), bias = b.Constant("b", Random(2, 6));
            int t = b.Add("norm", new GroupNormalization(3), x, scale, bias);
            return [b.Add("mul", new Mul(), t, b.Add("sigmoid", new Sigmoid(), t)),
                b.Add("one", new GroupNormalization(1), x, scale, bias)];
        }),
        ["lrn"] = () => BuildMany(b =>
        {
            int x = b.Input("x", DType.Float32, 2, 7, 5, 7);
            int five = b.Add("relu", new Relu(), b.Add("five", new LRN(5, Alpha: 0.3f), x));
            return [five, b.Add("two", new LRN(2, 0.5f, 0.4f, 2), x), b.Add("wide", new LRN(20), x)];
        }),
        ["lrn f64"] = () => Build(b => b.Add("lrn", new LRN(3, 0.3f, 0.6f), b.Input("x", DType.Float64, 1, 4, 5))),
    };

    private static Graph Pooled(DType dtype, EquatableArray<long> kernel, EquatableArray<long> pads, EquatableArray<long> strides,
        params long[] dims) => BuildMany(b =>
    {
        int x = b.Input("x", dtype, [.. dims.Select(Dim.Of)]);
        return
        [
            b.Add("max", new MaxPool(kernel, Pads: pads, Strides: strides), x),
            b.Add("average", new AveragePool(kernel, Pads: pads, Strides: strides), x),
            b.Add("l2", new LpPool(kernel, Pads: pads, Strides: strides), x),
        ];
    });

    private static int Doubles(GraphBuilder b, int seed, params long[] dims) =>
        b.Constant($"c{seed}", Tensor.Of(dims, Random(seed, dims).ToDoubles()));
}
