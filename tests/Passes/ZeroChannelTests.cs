using System.Collections.Immutable;
using Nncc.IR.Evaluate;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Separable;

namespace Nncc.Tests.Passes;

/// <summary>
/// Channels that weights of zeros make constant or do not read: cut off where that is exact, refused with a reason elsewhere.
/// </summary>
public class ZeroChannelTests
{
    private sealed class Reasons : IStepListener
    {
        public List<string> Steps { get; } = [];
        public List<string> Refusals { get; } = [];
        public void Stepped(Step step) => Steps.Add(step.Name);
        public void Refused(Refusal refusal) => Refusals.Add($"{refusal.Name}: {refusal.Reason}");
    }

    private readonly Random random = new(1);
    private readonly GraphBuilder build = new("channels");

    [Theory]
    [InlineData("relu", 4)]
    [InlineData("batch norm and pooling", 4)]
    [InlineData("sigmoid, and no padding behind it", 4)]
    [InlineData("sigmoid, and padding behind it", 6)]
    [InlineData("scale, slope and a depthwise convolution", 4)]
    [InlineData("average pooling that counts padding", 4)]
    public void Constant_channels_go_into_the_next_convolution(string between, int kept)
    {
        // Filters 1 and 4 are zeros; they give their bias, or zero without one.
        bool hasBias = between.StartsWith("sigmoid", StringComparison.Ordinal);
        int x = Convolution(build.Input("x", DType.Float32, 2, 3, 8, 8), 3, 6, 3, [1, 4], hasBias);
        switch (between)
        {
            case "relu": x = build.Add("relu", new Relu(), x); break;
            case "batch norm and pooling":
                x = build.Add("norm", new BatchNormalization(), x, Vector(6), Vector(6), Vector(6), Vector(6, 1));
                x = build.Add("pool", new MaxPool(new long[] { 2, 2 }.ToEquatable(), Strides: new long[] { 2, 2 }.ToEquatable()), x);
                break;
            case "scale, slope and a depthwise convolution":
                x = build.Add("scale", new Mul(), build.Constant("s", Tensor.Of([6, 1, 1], Values(6))), x);
                x = build.Add("slope", new PRelu(), x, build.Constant("p", Tensor.Of([6, 1, 1], Values(6))));
                x = build.Add("depthwise", new Conv(Group: 6, Pads: new long[] { 1, 1, 1, 1 }.ToEquatable()), x,
                    build.Constant("d", Tensor.Of([6, 1, 3, 3], Values(54))), Vector(6));
                break;
            case "average pooling that counts padding":
                x = build.Add("pool", new AveragePool(new long[] { 3, 3 }.ToEquatable(), CountIncludePad: true,
                    Pads: new long[] { 1, 1, 1, 1 }.ToEquatable()), x);
                break;
            default: x = build.Add("sigmoid", new Sigmoid(), x); break;
        }
        bool isPadded = between == "sigmoid, and padding behind it";
        build.Output("y", build.Add("next", new Conv(Pads: isPadded ? new long[] { 1, 1, 1, 1 }.ToEquatable() : []), x,
            build.Constant("v", Tensor.Of([5, 6, 3, 3], Values(270)))));
        Check(build.Build(), kept);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void They_go_through_flattening_into_a_product(bool isReshape)
    {
        int x = build.Add("tanh", new Tanh(), Convolution(build.Input("x", DType.Float32, 2, 3, 6, 6), 3, 6, 3, [0, 5], hasBias: true));
        x = build.Add("pool", new AveragePool(new long[] { 2, 2 }.ToEquatable(), Strides: new long[] { 2, 2 }.ToEquatable()), x);
        x = isReshape ? build.Add("flat", new Reshape(), x, build.Constant("sizes", Tensor.Of([2], new long[] { 2, 54 })))
            : build.Add("flat", new Flatten(), x);
        build.Output("y", build.Add("gemm", new Gemm(Alpha: 0.5f, Beta: 2, TransB: true), x,
            build.Constant("b", Tensor.Of([7, 54], Values(7 * 54))), Vector(7)));
        Check(build.Build(), 4);
    }

    [Fact]
    public void Columns_that_nobody_reads_take_their_rows_along_and_so_on_up()
    {
        // The last product does not read feature 0, which alone the one before makes of its feature 1.
        int x = build.Input("x", DType.Float32, 2, 5);
        float[] first = Values(20), second = Values(12), third = Values(9);
        third[0] = third[1] = third[2] = 0;
        second[4] = second[5] = 0;
        x = build.Add("first", new MatMul(), x, build.Constant("a", Tensor.Of([5, 4], first)));
        x = build.Add("add", new Add(), x, Vector(4));
        x = build.Add("second", new MatMul(), build.Add("relu", new Relu(), x), build.Constant("b", Tensor.Of([4, 3], second)));
        build.Output("y", build.Add("third", new MatMul(), x, build.Constant("c", Tensor.Of([3, 3], third))));
        var heard = Check(build.Build(), null);
        Assert.Equal(2, heard.Steps.Count);
    }

    [Fact]
    public void What_is_used_elsewhere_stays()
    {
        int x = Convolution(build.Input("x", DType.Float32, 1, 3, 8, 8), 3, 6, 3, [1], hasBias: false);
        float[] next = Values(5 * 6);
        for (int m = 0; m < 5; m++) next[m * 6 + 1] = 0;
        build.Output("y", build.Add("next", new Conv(), x, build.Constant("v", Tensor.Of([5, 6, 1, 1], next))));
        build.Output("z", x);
        var graph = build.Build();
        var heard = new Reasons();
        Assert.Same(graph, Run(graph, heard));
        Assert.Contains(heard.Refusals, r => r == "zero-channels: 1 of its 6 channels are not read, but \"conv\" is used elsewhere too");
    }

    [Fact]
    public void Dense_weights_and_strict_floats_stay()
    {
        int x = Convolution(build.Input("x", DType.Float32, 1, 3, 8, 8), 3, 6, 3, [1], hasBias: false);
        build.Output("y", build.Add("next", new Conv(), x, build.Constant("v", Tensor.Of([5, 6, 1, 1], Values(30)))));
        var graph = build.Build();
        Assert.Same(graph, Run(graph, new Reasons(), isStrict: true));
        var after = Run(graph, new Reasons());
        Assert.NotSame(graph, after);
        Assert.Same(after, Run(after, new Reasons()));
    }

    private Reasons Check(Graph graph, int? kept)
    {
        var heard = new Reasons();
        var notices = new List<string>();
        var after = Run(graph, heard, notices: notices);
        if (kept is { } channels)
        {
            Assert.Equal(channels, ((Tensor)First(after)).Dims[0]);
            if (channels == 6) return heard;
            Assert.Equal(["zero-channels"], heard.Steps);
        }
        Assert.All(notices, n => Assert.Contains(" channels are cut off: ", n));
        Assert.Equal(heard.Steps.Count, notices.Count);
        Assert.Equal(graph.Nodes.Count(n => n.Op is not Constant), after.Nodes.Count(n => n.Op is not Constant));
        Assert.Same(after, Run(after, new Reasons()));
        var input = Tensor.Of(((TensorType)graph[graph.Inputs[0].Value].Type).Shape!.ToStatic()!,
            Values((int)((TensorType)graph[graph.Inputs[0].Value].Type).Shape!.Count.Value!.Value));
        double[] a = ((Tensor)new Evaluator().Run(graph, [input])[0]).ToDoubles(),
            b = ((Tensor)new Evaluator().Run(after, [input])[0]).ToDoubles();
        Assert.Equal(a.Length, b.Length);
        Assert.All(a.Zip(b), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        return heard;
    }

    private static Datum First(Graph graph)
    {
        var conv = graph.Nodes.First(n => n.Op is Conv);
        return graph.TryConstant(conv.Inputs[1], out var weights) ? weights : throw new InvalidOperationException("no weights");
    }

    private static Graph Run(Graph graph, Reasons heard, bool isStrict = false, List<string>? notices = null) =>
        new Pipeline("test", new ZeroChannels()).Run(graph, new PassContext(OpRegistry.Standard())
        {
            Steps = new StepLog(listener: heard), Notify = n => notices?.Add(n.Message), Options = new() { StrictFloat = isStrict },
        });

    // Some filters are zeros.
    private int Convolution(int x, int channels, int filters, int side, int[] zeros, bool hasBias)
    {
        float[] w = Values(filters * channels * side * side);
        foreach (int m in zeros) Array.Clear(w, m * channels * side * side, channels * side * side);
        int weights = build.Constant("w", Tensor.Of([filters, channels, side, side], w));
        var op = new Conv(Pads: new long[] { 1, 1, 1, 1 }.ToEquatable());
        return hasBias ? build.Add("conv", op, x, weights, Vector(filters)) : build.Add("conv", op, x, weights);
    }

    private int Vector(int count, float least = -1) =>
        build.Constant($"c{constants++}", Tensor.Of([count], [.. Values(count).Select(v => v + 1 + least)]));

    private int constants;

    private float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
}
