using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Backends;

internal static partial class KernelGraphs
{
    /// <summary>Networks over images whose sizes are no multiples of anything.</summary>
    public static GraphList Images => new()
    {
        ["image 27 channels"] = () => Image(27, 17, 23, (b, x) => Convolve(b, "last", Convolve(b, "first", x, 27, 52, 3), 52, 9, 1)),
        ["image 108 channels"] = () => Image(108, 9, 14,
            (b, x) => Convolve(b, "last", Convolve(b, "first", x, 108, 40, 1), 40, 33, 3)),
        ["image large kernel"] = () => Image(20, 57, 31,
            (b, x) => Convolve(b, "last", Convolve(b, "first", x, 20, 24, 5, stride: 2), 24, 16, 7)),
        ["image dilation"] = () => Image(18, 21, 19,
            (b, x) => Convolve(b, "last", Convolve(b, "first", x, 18, 20, 3, dilation: 2), 20, 20, 3)),
        ["image batch"] = () => Image(19, 11, 13,
            (b, x) => Convolve(b, "last", Convolve(b, "first", x, 19, 34, 3), 34, 17, 3), batch: 3),
        ["image groups"] = () => Image(32, 12, 11,
            (b, x) => Convolve(b, "last", Convolve(b, "first", x, 32, 48, 3, group: 2), 48, 48, 3, group: 3)),
        ["image odd groups"] = () => Image(9, 12, 11,
            (b, x) => Convolve(b, "last", Convolve(b, "first", x, 9, 12, 3, group: 3), 12, 20, 3)),
        ["image small groups"] = () => Image(48, 9, 17, (b, x) => Convolve(b, "last",
            Convolve(b, "middle", Convolve(b, "first", x, 48, 64, 3, group: 16), 64, 68, 1, group: 4), 68, 52, 3, stride: 2, group: 4)),
        ["image groups batch"] = () => Image(30, 8, 15, (b, x) => Convolve(b, "last", Convolve(b, "first", x, 30, 60, 3, dilation: 2,
            group: 30), 60, 21, 1, group: 3), batch: 3),
        ["image few filters"] = () => Image(20, 7, 41, (b, x) =>
        {
            int three = Convolve(b, "three", Convolve(b, "stem", x, 20, 24, 3), 24, 3, 5);
            int sum = b.Add("sum", new Add(), Convolve(b, "again", three, 3, 3, 3, dilation: 2, relu: false), three);
            return Convolve(b, "one", b.Add("swish", new Swish(), sum), 3, 1, 3);
        }, batch: 2),
        ["image shuffles"] = () => Image(24, 7, 9, (b, x) =>
        {
            // Units of ShuffleNet: what a shuffle parts goes on, a half as it is, a half through convolutions.
            int t = Convolve(b, "stem", x, 24, 58, 3);
            for (int i = 0; i < 3; i++)
            {
                var parts = b.AddMany($"split{i}", new Split(1), 2, t,
                    b.Constant($"sizes{i}", Tensor.Vector(29L, 29L)));
                int right = Convolve(b, $"right{i}", Convolve(b, $"pw{i}", parts[1], 29, 29, 1), 29, 29, 3, group: 29);
                t = b.Add($"shuffle{i}", new ChannelShuffle(2), b.Add($"join{i}", new Concat(1), parts[0], right));
            }
            return b.Add("sum", new Add(), Convolve(b, "last", t, 58, 20, 1), Convolve(b, "grouped", t, 58, 20, 3, group: 2));
        }, batch: 2),
        ["image narrow"] = () => Image(24, 40, 2, (b, x) => Convolve(b, "last", Convolve(b, "first", x, 24, 40, 3), 40, 70, 1)),
        ["image pixel"] = () => Image(40, 1, 1, (b, x) => Convolve(b, "last", Convolve(b, "first", x, 40, 150, 1), 150, 20, 1)),
        ["image winograd"] = () => Image(64, 18, 29, (b, x) => Convolve(b, "last", Convolve(b, "first", x, 64, 72, 3), 72, 64, 3)),
        // Sums in parts, of which the last one has a ragged block, over tiles of which the last one overlaps.
        ["image winograd parts"] = () => Image(150, 15, 13,
            (b, x) => Convolve(b, "last", Convolve(b, "first", x, 150, 280, 3), 280, 40, 3)),
        ["image winograd batch"] = () => Image(33, 14, 14,
            (b, x) => Convolve(b, "last", Convolve(b, "first", x, 33, 65, 3), 65, 48, 3), batch: 2),
        ["image residual"] = () => Image(32, 15, 16, (b, x) =>
        {
            int stem = Convolve(b, "stem", x, 32, 36, 3);
            int body = Convolve(b, "body", stem, 36, 36, 3, relu: false);
            return b.Add("out", new Sigmoid(), b.Add("sum", new Add(), body, stem));
        }),
        ["image silu"] = () => Image(16, 12, 12, (b, x) =>
        {
            int t = Convolve(b, "conv", x, 16, 24, 3, relu: false);
            t = b.Add("mul", new Mul(), t, b.Add("sigmoid", new Sigmoid(), t));
            t = Convolve(b, "depthwise", t, 24, 24, 3, group: 24, relu: false);
            t = b.Add("mul2", new Mul(), t, b.Add("sigmoid2", new Sigmoid(), t));
            return Convolve(b, "last", t, 24, 24, 1);
        }),
        ["image depthwise"] = () => Image(40, 19, 22, (b, x) =>
        {
            int t = Convolve(b, "expand", x, 40, 44, 1);
            t = Convolve(b, "three", t, 44, 44, 3, group: 44);
            t = Convolve(b, "five", t, 44, 44, 5, stride: 2, group: 44);
            return Convolve(b, "project", Convolve(b, "seven", t, 44, 44, 7, group: 44), 44, 16, 1);
        }),
        ["image squeeze and excite"] = () => Image(24, 10, 9, (b, x) =>
        {
            int t = Convolve(b, "conv", x, 24, 36, 3);
            int s = b.Add("pool", new GlobalAveragePool(), t);
            s = Convolve(b, "excite", Convolve(b, "squeeze", s, 36, 9, 1), 9, 36, 1, relu: false);
            return Convolve(b, "last", b.Add("scale", new Mul(), t, b.Add("gate", new HardSigmoid(), s)), 36, 20, 1);
        }),
        ["image pools"] = () => Image(20, 23, 18, (b, x) =>
        {
            int t = Convolve(b, "conv", x, 20, 20, 3);
            t = b.Add("max", new MaxPool([3, 3], Strides: [2, 2], Pads: [1, 1, 1, 1]), t);
            t = b.Add("average", new AveragePool([2, 3], Strides: [1, 2], Pads: [1, 0, 0, 1], CountIncludePad: false), t);
            t = b.Add("wide", new MaxPool([6, 5], Pads: [2, 2, 3, 2]), t);
            return b.Add("mean", new ReduceMean(Keepdims: false), t, b.Constant("axes", Tensor.Vector(2L, 3L)));
        }),
        ["image concat of whole blocks"] = () => Image(16, 8, 9, (b, x) =>
        {
            int t = Convolve(b, "stem", x, 16, 32, 3);
            int left = Convolve(b, "left", t, 32, 16, 1), right = Convolve(b, "right", t, 32, 24, 3);
            int joined = b.Add("join", new Concat(1), left, right, t);
            return Convolve(b, "last", joined, 72, 20, 3);
        }),
        ["image concat of parts"] = () => Image(16, 8, 9, (b, x) =>
        {
            int t = Convolve(b, "stem", x, 16, 29, 3);
            int joined = b.Add("join", new Concat(1), Convolve(b, "left", t, 29, 19, 1), t, Convolve(b, "right", t, 29, 10, 3));
            return Convolve(b, "last", joined, 58, 20, 3);
        }, batch: 2),
        ["image slices"] = () => Image(16, 8, 9, (b, x) =>
        {
            int t = Convolve(b, "stem", x, 16, 45, 3);
            int odd = b.Add("odd", new Slice(), t, b.Constant("starts", Tensor.Vector(1L)), b.Constant("ends", Tensor.Vector(45L)),
                b.Constant("axis", Tensor.Vector(1L)), b.Constant("steps", Tensor.Vector(2L)));
            int back = b.Add("back", new Gather(1), t,
                b.Constant("order", Tensor.Vector(Enumerable.Range(0, 22).Select(i => 44L - i).ToArray())));
            return Convolve(b, "last", b.Add("sum", new Add(), odd, back), 22, 20, 3);
        }),
        ["image flipped"] = () => Image(16, 8, 9, (b, x) =>
        {
            int t = Convolve(b, "stem", x, 16, 16, 3);
            int back = b.Add("back", new Slice(), t, b.Constant("starts", Tensor.Vector(-1L)), b.Constant("ends", Tensor.Vector(-100L)),
                b.Constant("axis", Tensor.Vector(2L)), b.Constant("steps", Tensor.Vector(-1L)));
            return Convolve(b, "last", b.Add("sum", new Add(), t, back), 16, 20, 1);
        }),
        ["image mask"] = () => Image(20, 8, 9, (b, x) =>
        {
            int t = Convolve(b, "stem", x, 20, 24, 3), mask = Convolve(b, "mask", t, 24, 1, 1, relu: false);
            return Convolve(b, "last", b.Add("masked", new Mul(), t, b.Add("gate", new Sigmoid(), mask)), 24, 20, 1);
        }),
        ["line of blocks"] = () => Build(b =>
        {
            int x = b.Input("x", DType.Float32, 2, 20, 41);
            int t = b.Add("first", new Conv(Pads: [2, 1], Strides: [2]), x,
                b.Constant("w1", Random(1, 33, 20, 4)), b.Constant("b1", Random(2, 33)));
            t = b.Add("max", new MaxPool([3], Pads: [1, 1]), b.Add("relu", new Relu(), t));
            t = b.Add("depthwise", new Conv(Group: 33, Pads: [1, 1]), t, b.Constant("w2", Random(3, 33, 1, 3)));
            return b.Add("pool", new GlobalAveragePool(), t);
        }),
    };

    internal static Graph Image(int channels, int height, int width, Func<GraphBuilder, int, int> network, int batch = 1) =>
        Build(b => network(b, b.Input("x", DType.Float32, batch, channels, height, width)));

    // A convolution that keeps the size where its stride is 1, with a bias.
    internal static int Convolve(GraphBuilder b, string name, int x, int channels, int filters, int kernel, int stride = 1,
        int dilation = 1, int group = 1, bool relu = true)
    {
        long pad = (kernel - 1) * dilation / 2;
        var op = new Conv(Group: group, Strides: [stride, stride], Dilations: [dilation, dilation], Pads: [pad, pad, pad, pad]);
        double scale = 1 / Math.Sqrt(channels / group * kernel * kernel);
        int seed = name.Length + kernel;
        int t = b.Add(name, op, x, b.Constant($"{name}.w", Scaled(Random(seed, filters, channels / group, kernel, kernel), scale)),
            b.Constant($"{name}.b", Random(seed + 1, filters)));
        return relu ? b.Add($"{name}.relu", new Relu(), t) : t;
    }

    private static Tensor Scaled(Tensor tensor, double factor) =>
        Tensor.Of([.. tensor.Dims], tensor.Span<float>().ToArray().Select(x => (float)(x * factor)).ToArray());
}
