using System.Collections.Immutable;
using Nncc.IR.Evaluate;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Separable;
using Nncc.Passes.Targets;
using Nncc.Tests.Support;

namespace Nncc.Tests.Passes;

/// <summary>Convolutions whose weights factor: known values, and both sides under the evaluator.</summary>
public class SeparableTests
{
    private static readonly TargetProfile Target = TargetProfiles.Standard()["cpu-avx2"];

    // Costs what it computes, so that which form is taken does not depend on a machine.
    private sealed class Arithmetic : ICostModel
    {
        public KernelCost Predict(KernelFeatures features, TargetProfile target, double modelBytes = 0) =>
            new(features.VectorOps, 0, 0, features.VectorOps);
    }

    // Costs what it moves.
    private sealed class Calls : ICostModel
    {
        public KernelCost Predict(KernelFeatures features, TargetProfile target, double modelBytes = 0) => new(0, 0, 1, 1);
    }

    private sealed class Reasons : IStepListener
    {
        public List<string> Steps { get; } = [];
        public List<string> Refusals { get; } = [];
        public void Stepped(Step step) => Steps.Add(step.Name);
        public void Refused(Refusal refusal) => Refusals.Add($"{refusal.Name}: {refusal.Reason}");
    }

    [Fact]
    public void The_errors_of_the_known_kernel_are_the_known_ones()
    {
        long state = 2024;
        double Next()
        {
            state = (1103515245 * state + 12345) & 0x7fffffff;
            return 2 * ((state + 0.5) / 2147483648.0) - 1;
        }
        double[] w = [.. Enumerable.Range(0, 16 * 4 * 9).Select(_ => Next())];
        Assert.Equal(195.762336051, w.Sum(x => x * x), 9);
        double[] expected =
            [0.847421250, 0.714150386, 0.589880824, 0.479825407, 0.375980908, 0.288460203, 0.204830075, 0.120736937, 0];
        double[] errors = ChannelFactors.Errors(Tensor.FromDoubles(DType.Float64, [16, 4, 3, 3], w), group: 1);
        Assert.Equal(expected.Length, errors.Length);
        for (int t = 0; t < 9; t++) Assert.Equal(expected[t], errors[t], 8);
    }

    [Fact]
    public void The_convolutions_of_VGG16_at_rank_1()
    {
        (int Channels, int Filters, int Side)[] layers =
        [
            (3, 64, 224), (64, 64, 224), (64, 128, 112), (128, 128, 112), (128, 256, 56), (256, 256, 56), (256, 256, 56), (256, 512, 28),
            (512, 512, 28), (512, 512, 28), (512, 512, 14), (512, 512, 14), (512, 512, 14),
        ];
        var random = new Random(1);
        double before = 0, after = 0;
        foreach (var (channels, filters, side) in layers)
        {
            float[] p = Values(random, filters * channels), d = Values(random, channels * 9), w = new float[filters * channels * 9];
            for (int i = 0; i < w.Length; i++) w[i] = p[i / 9] * d[i % (channels * 9)];
            var graph = Of(new Conv(Pads: new long[] { 1, 1, 1, 1 }.ToEquatable()), [1, channels, side, side], [filters, channels, 3, 3],
                w);
            var factored = Run(graph, new Arithmetic());
            Assert.Equal(2, factored.Nodes.Count(n => n.Op is Conv));
            before += Macs(graph);
            after += Macs(factored);
        }
        Assert.Equal(15_346_630_656, before);
        Assert.Equal(1_786_917_888, after);
    }

    public static TheoryData<string> Cases => [.. Graphs().Keys];

    // Op, operand, weights, the form that is expected.
    private static Dictionary<string, (Graph Graph, string Form)> Graphs()
    {
        var random = new Random(3);
        var odd = new Conv(Pads: new long[] { 1, 0, 2, 1 }.ToEquatable(), Strides: new long[] { 2, 1 }.ToEquatable(),
            Dilations: new long[] { 1, 2 }.ToEquatable());
        var same = new Conv(AutoPad.SameUpper, Strides: new long[] { 2, 2 }.ToEquatable());
        return new()
        {
            ["channels of rank 1"] = (Of(odd, [2, 6, 9, 11], [8, 6, 3, 3], Channels(8, 6, 9, 1, 1)), "channel-factors"),
            ["channels of rank 2"] = (Of(same, [1, 6, 9, 8], [32, 6, 3, 3], Channels(32, 6, 9, 2, 1)), "channel-factors"),
            ["channels of rank 1 in groups"] =
                (Of(odd with { Group = 2 }, [1, 6, 9, 11], [8, 3, 3, 3], Channels(8, 3, 9, 1, 2)), "channel-factors"),
            ["channels along one axis"] = (Of(new Conv(), [1, 5, 20], [12, 5, 7], Channels(12, 5, 7, 1, 1)), "channel-factors"),
            ["taps of rank 1 of one channel"] =
                (Of(odd with { Group = 4 }, [1, 4, 12, 13], [4, 1, 5, 3], Taps(4, 1, 5, 3, 1, 4)), "spatial-factors"),
            ["taps of rank 2"] = (Of(same, [1, 4, 12, 13], [6, 4, 5, 5], Taps(6, 4, 5, 5, 2, 1)), "spatial-factors"),
            ["blocks"] = (Of(odd, [1, 6, 9, 11], [9, 6, 3, 3], Blocks(9, 6, 9, 3)), "block-groups"),
            ["blocks of one channel"] = (Of(new Conv(), [1, 4, 5, 5], [4, 4, 1, 1], Blocks(4, 4, 1, 4)), "block-groups"),
        };

        float[] Channels(int filters, int channels, int taps, int rank, int group)
        {
            var w = new float[filters * channels * taps];
            for (int t = 0; t < rank; t++)
            {
                float[] p = Values(random, filters * channels), d = Values(random, group * channels * taps);
                for (int i = 0; i < w.Length; i++)
                {
                    int m = i / taps / channels, c = i / taps % channels, g = m / (filters / group);
                    w[i] += p[m * channels + c] * d[(g * channels + c) * taps + i % taps];
                }
            }
            return w;
        }

        float[] Taps(int filters, int channels, int high, int wide, int rank, int group)
        {
            var w = new float[filters * channels * high * wide];
            for (int r = 0; r < rank; r++)
            {
                float[] v = Values(random, group * channels * high), h = Values(random, filters * wide);
                for (int i = 0; i < w.Length; i++)
                {
                    int m = i / wide / high / channels, c = i / wide / high % channels, g = m / (filters / group);
                    w[i] += v[(g * channels + c) * high + i / wide % high] * h[m * wide + i % wide];
                }
            }
            return w;
        }

        float[] Blocks(int filters, int channels, int taps, int groups)
        {
            float[] w = Values(random, filters * channels * taps);
            for (int i = 0; i < w.Length; i++)
                if (i / taps % channels / (channels / groups) != i / taps / channels / (filters / groups)) w[i] = 0;
            return w;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Weights_that_factor_are_factored(string name)
    {
        var (graph, form) = Graphs()[name];
        var heard = new Reasons();
        var after = Run(graph, new Arithmetic(), heard);
        Assert.Contains(form, heard.Steps);
        Assert.True(Macs(after) < Macs(graph));
        Assert.Empty(Verifier.Check(after, OpRegistry.Standard()));
        Agree(graph, after, 1e-5);
        Assert.Same(after, Run(after, new Arithmetic()));
    }

    [Fact]
    public void Weights_that_do_not_factor_stay()
    {
        var graph = Of(new Conv(), [1, 4, 8, 8], [8, 4, 3, 3], Values(new Random(4), 8 * 4 * 9));
        Assert.Same(graph, Run(graph, new Arithmetic()));
    }

    [Fact]
    public void An_error_is_kept_to_and_told()
    {
        var random = new Random(5);
        float[] w = Values(random, 32 * 8 * 9);
        float[] p = Values(random, 32 * 8), d = Values(random, 8 * 9);
        for (int i = 0; i < w.Length; i++) w[i] = p[i / 9] * d[i % 72] + 0.02f * w[i];
        var graph = Of(new Conv(), [1, 8, 8, 8], [32, 8, 3, 3], w);
        Assert.Same(graph, Run(graph, new Arithmetic()));
        var notices = new List<string>();
        var after = new Pipeline("test", new SeparableConvolution(new Arithmetic(), Target)).Run(graph,
            new PassContext(OpRegistry.Standard()) { Notify = n => notices.Add(n.Message), Options = new() { SeparableError = 0.1 } });
        Assert.NotSame(graph, after);
        Assert.Contains(notices, n =>
            n.StartsWith("channel-factors: ", StringComparison.Ordinal) && n.Contains("relative error", StringComparison.Ordinal));
        Assert.Contains(notices, n => n.StartsWith("of the whole model the relative error is predicted", StringComparison.Ordinal));
        Agree(graph, after, 0.2);
        Assert.Throws<Xunit.Sdk.TrueException>(() => Agree(graph, after, 1e-4));
        // What is not exact already is not made less exact.
        Assert.Same(after, Run(after, new Arithmetic(), error: 0.5));
    }

    [Fact]
    public void Calibration_inputs_weight_and_measure_errors()
    {
        // The channel whose weights do not factor is nearly silent: weighted so, the error is small, and on the inputs it is.
        var random = new Random(9);
        float[] w = Values(random, 16 * 4 * 9), p = Values(random, 16 * 4), d = Values(random, 4 * 9);
        for (int i = 0; i < w.Length; i++) if (i / 9 % 4 != 3) w[i] = p[i / 9] * d[i % 36];
        var graph = Of(new Conv(), [1, 4, 8, 8], [16, 4, 3, 3], w);
        float[] x = Values(random, 4 * 64);
        for (int i = 3 * 64; i < x.Length; i++) x[i] *= 0.001f;
        var heard = new Reasons();
        Assert.Same(graph, Run(graph, new Arithmetic(), heard, error: 0.02));
        Assert.Contains(heard.Refusals, r => r.StartsWith("channel-factors: the error is 0.", StringComparison.Ordinal)
            && r.EndsWith("and 0.02 is allowed", StringComparison.Ordinal));
        var notices = new List<string>();
        var after = Run(graph, new Arithmetic(), null, 0.02, notices, Tensor.Of([1, 4, 8, 8], x));
        Assert.Equal(2, after.Nodes.Count(n => n.Op is Conv));
        Assert.Contains(notices, n => n.Contains(", of the result ", StringComparison.Ordinal));
        string model = Assert.Single(notices, n => n.StartsWith("the outputs of the model have", StringComparison.Ordinal));
        Assert.EndsWith("on 1 set of inputs, 0.02 is allowed", model);
    }

    [Fact]
    public void A_layer_whose_result_would_be_off_is_left_out()
    {
        // Of an even image the part that is kept, differences of neighbours, makes nothing; all that comes out is what is dropped.
        var random = new Random(9);
        float[] p = Values(random, 16), q = Values(random, 16), w = new float[16 * 4 * 9];
        for (int i = 0; i < w.Length; i++) w[i] = p[i / 36] * (i % 9) switch { 0 => 1, 1 => -1, _ => 0 } + 0.05f * q[i / 36];
        var graph = Of(new Conv(), [1, 4, 8, 8], [16, 4, 3, 3], w);
        Assert.NotSame(graph, Run(graph, new Arithmetic(), error: 0.3));
        var heard = new Reasons();
        Assert.Same(graph, Run(graph, new Arithmetic(), heard, 0.3, null, Tensor.Of([1, 4, 8, 8], [.. Enumerable.Repeat(1f, 256)])));
        Assert.Contains(heard.Refusals, r => r.Contains("-factors: the error of the result is", StringComparison.Ordinal)
            && r.EndsWith("and 0.3 is allowed", StringComparison.Ordinal));
    }

    [Fact]
    public void The_error_of_the_model_is_kept_to_as_well()
    {
        // Two layers in a row, each within the error; what the first leaves out is all that the second looks at.
        var random = new Random(10);
        float[] p = Values(random, 16 * 4), d = Values(random, 4 * 9), off = Values(random, 4 * 9), w = new float[16 * 4 * 9];
        for (int i = 0; i < w.Length; i++) w[i] = p[i / 9] * d[i % 36] + (i / 36 == 0 ? 0.3f * off[i % 36] : 0);
        for (int i = 0; i < 36; i++) w[i] = 0.3f * off[i];
        for (int i = 36; i < w.Length; i++) w[i] *= 4;
        float[] last = new float[16];
        last[0] = 1;
        var build = new GraphBuilder("two");
        int x = build.Input("x", DType.Float32, 1, 4, 8, 8);
        int y = build.Add("first", new Conv(), x, build.Constant("w", Tensor.Of([16, 4, 3, 3], w)));
        build.Output("y", build.Add("second", new Conv(), y, build.Constant("v", Tensor.Of([1, 16, 1, 1], last))));
        var graph = build.Build();
        var input = Tensor.Of([1, 4, 8, 8], Values(random, 4 * 64));
        var heard = new Reasons();
        Assert.NotSame(graph, Run(graph, new Arithmetic(), error: 0.2));
        Assert.Same(graph, Run(graph, new Arithmetic(), heard, 0.2, null, input));
        Assert.Contains(heard.Refusals, r =>
            r.Contains("the outputs of the model would have an error above 0.2", StringComparison.Ordinal));
    }

    [Fact]
    public void Taps_along_both_axes_merge_where_the_cost_says_so()
    {
        var random = new Random(11);
        foreach (bool isDownFirst in new[] { true, false })
        {
            var build = new GraphBuilder("axes");
            int x = build.Input("x", DType.Float32, 1, 3, 9, 8);
            var down = new Conv(Pads: new long[] { 1, 0, 2, 0 }.ToEquatable(), Strides: new long[] { 2, 1 }.ToEquatable());
            var along = new Conv(Pads: new long[] { 0, 2, 0, 1 }.ToEquatable(), Dilations: new long[] { 1, 2 }.ToEquatable());
            var first = build.Constant("w", Tensor.Of(isDownFirst ? [4, 3, 3, 1] : [4, 3, 1, 3], Values(random, 36)));
            var second = build.Constant("v", Tensor.Of(isDownFirst ? [5, 4, 1, 3] : [5, 4, 3, 1], Values(random, 60)));
            int y = build.Add("first", isDownFirst ? down : along, x, first);
            build.Output("y", build.Add("second", isDownFirst ? along : down, y, second, build.Constant("b", Tensor.Of([5],
                Values(random, 5)))));
            var graph = build.Build();
            var heard = new Reasons();
            var after = Run(graph, new Calls(), heard);
            Assert.Equal(["axis-merge"], heard.Steps);
            Assert.Single(after.Nodes, n => n.Op is Conv);
            Agree(graph, after, 1e-5);
        }
    }

    [Fact]
    public void Taps_do_not_merge_over_a_bias_that_padding_does_not_have()
    {
        var random = new Random(12);
        var build = new GraphBuilder("axes");
        int x = build.Input("x", DType.Float32, 1, 3, 9, 8);
        int y = build.Add("first", new Conv(), x, build.Constant("w", Tensor.Of([4, 3, 3, 1], Values(random, 36))),
            build.Constant("b", Tensor.Of([4], Values(random, 4))));
        build.Output("y", build.Add("second", new Conv(Pads: new long[] { 0, 1, 0, 1 }.ToEquatable()), y,
            build.Constant("v", Tensor.Of([5, 4, 1, 3], Values(random, 60)))));
        var graph = build.Build();
        Assert.Same(graph, Run(graph, new Calls()));
    }

    [Fact]
    public void What_would_be_slower_is_refused_with_both_costs()
    {
        var heard = new Reasons();
        var graph = Graphs()["channels of rank 1"].Graph;
        Assert.Same(graph, Run(graph, new Calls(), heard));
        Assert.Contains(heard.Refusals, r => r.StartsWith("channel-factors: 2 ns are predicted, 1 ns as it is", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Depthwise_and_pointwise_merge_where_nothing_is_between(bool isUsedElsewhere)
    {
        var random = new Random(6);
        var build = new GraphBuilder("merge");
        int x = build.Input("x", DType.Float32, 1, 3, 9, 9);
        int d = build.Constant("d", Tensor.Of([6, 1, 3, 3], Values(random, 54))),
            bd = build.Constant("bd", Tensor.Of([6], Values(random, 6)));
        int p = build.Constant("p", Tensor.Of([5, 6, 1, 1], Values(random, 30))),
            bp = build.Constant("bp", Tensor.Of([5], Values(random, 5)));
        int between = build.Add("depthwise", new Conv(Group: 3, Strides: new long[] { 2, 1 }.ToEquatable()), x, d, bd);
        build.Output("y", build.Add("pointwise", new Conv(), between, p, bp));
        if (isUsedElsewhere) build.Output("z", between);
        var graph = build.Build();
        var heard = new Reasons();
        var after = Run(graph, new Calls(), heard);
        if (isUsedElsewhere)
        {
            Assert.Same(graph, after);
            Assert.Contains(heard.Refusals, r => r.Contains("used elsewhere", StringComparison.Ordinal));
            return;
        }
        Assert.Equal(["depthwise-merge"], heard.Steps);
        Assert.Single(after.Nodes, n => n.Op is Conv);
        Agree(graph, after, 1e-5);
        Assert.Same(graph, Run(graph, new Arithmetic()));
    }

    private static float[] Values(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];

    private static Graph Of(Conv op, long[] x, long[] w, float[] weights)
    {
        var build = new GraphBuilder("conv");
        int input = build.Input("x", DType.Float32, [.. x.Select(Dim.Of)]);
        int bias = build.Constant("b", Tensor.Of([w[0]], Values(new Random(7), (int)w[0])));
        build.Output("y", build.Add("conv", op, input, build.Constant("w", Tensor.Of(w, weights)), bias));
        return build.Build();
    }

    private static Graph Run(Graph graph, ICostModel cost, IStepListener? listener = null, double error = 0,
        List<string>? notices = null, Tensor? input = null) =>
        new Pipeline("test", new SeparableConvolution(cost, Target)).Run(graph,
            new PassContext(OpRegistry.Standard())
            {
                Steps = new StepLog(listener: listener), Notify = n => notices?.Add(n.Message),
                Options = new() { SeparableError = error, Calibration = input is null ? null : _ => [[input]] },
            });

    private static double Macs(Graph graph) => graph.Nodes.Where(n => n.Op is Conv)
        .Sum(n => (double)n.Op.Measure(graph.MeasureContext(n)).Macs.Value!.Value);

    private static void Agree(Graph before, Graph after, double bar)
    {
        var random = new Random(8);
        ImmutableArray<Datum?> inputs = [.. before.Inputs.Select(i => Tensor.Of(((TensorType)before[i.Value].Type).Shape!.ToStatic()!,
            Values(random, (int)((TensorType)before[i.Value].Type).Shape!.Count.Value!.Value)))];
        double[] a = ((Tensor)new Evaluator().Run(before, inputs)[0]).ToDoubles(),
            b = ((Tensor)new Evaluator().Run(after, inputs)[0]).ToDoubles();
        double error = a.Zip(b).Max(pair => Math.Abs(pair.First - pair.Second)) / a.Max(Math.Abs);
        Assert.True(error <= bar, $"the error is {error}");
    }
}
