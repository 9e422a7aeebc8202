using Nncc.Backends.CSharp;
using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Tests.Backends;

/// <summary>Steps that are computed in bands of rows.</summary>
public class BandTests
{
    private static readonly TargetProfile Target = TargetProfiles.Standard()["cpu-avx2"];

    // Caches so small that the images of the tests do not stay in them.
    private static readonly TargetProfile Small = Target with { Caches = [new CacheLevel(4, 100), new CacheLevel(36, 50)] };

    private static readonly SortedDictionary<string, Func<Graph>> Graphs = new(StringComparer.Ordinal)
    {
        ["expand, depthwise, project"] = () => KernelGraphs.Image(16, 31, 19, (b, x) => Pointwise(b, "project",
            Depthwise(b, "depthwise", Pointwise(b, "expand", x, 16, 40), 40, 3), 40, 16)),
        ["stride 2"] = () => KernelGraphs.Image(24, 33, 15, (b, x) => Pointwise(b, "project",
            Depthwise(b, "depthwise", Pointwise(b, "expand", x, 24, 48), 48, 3, 2), 48, 24)),
        ["five taps"] = () => KernelGraphs.Image(16, 40, 12, (b, x) => Depthwise(b, "second",
            Depthwise(b, "first", Pointwise(b, "expand", x, 16, 32), 32, 5, 2), 32, 5)),
        ["dilation"] = () => KernelGraphs.Image(16, 37, 12, (b, x) =>
            KernelGraphs.Convolve(b, "next", Pointwise(b, "expand", x, 16, 40), 40, 40, 3, dilation: 2, group: 40)),
        ["first convolution and pooling"] = () => KernelGraphs.Image(3, 61, 47, (b, x) => Pool(b,
            KernelGraphs.Convolve(b, "first", x, 3, 24, 7, stride: 2))),
        ["without a border"] = () => KernelGraphs.Image(3, 50, 40, (b, x) => Pool(b,
            b.Add("first", new Conv(Strides: [2, 2]), x, b.Constant("w", KernelGraphs.Random(3, 20, 3, 3, 3))))),
        ["residual"] = () => KernelGraphs.Image(24, 29, 14, (b, x) =>
        {
            int stem = Pointwise(b, "stem", x, 24, 24);
            return b.Add("sum", new Add(), Pointwise(b, "project", Depthwise(b, "depthwise", Pointwise(b, "expand", stem, 24, 72), 72, 3),
                72, 24), stem);
        }),
        ["groups"] = () => KernelGraphs.Image(24, 30, 14, (b, x) => Depthwise(b, "depthwise",
            KernelGraphs.Convolve(b, "grouped", x, 24, 48, 3, group: 3), 48, 3)),
    };

    private static int Pointwise(GraphBuilder b, string name, int x, int channels, int filters) =>
        KernelGraphs.Convolve(b, name, x, channels, filters, 1);

    private static int Depthwise(GraphBuilder b, string name, int x, int channels, int kernel, int stride = 1) =>
        KernelGraphs.Convolve(b, name, x, channels, channels, kernel, stride, group: channels);

    private static int Pool(GraphBuilder b, int x) => b.Add("pool", new MaxPool([3, 3], Strides: [2, 2], Pads: [1, 1, 1, 1]), x);

    private static ModelProgram Program(CSharpBackend backend, Graph graph, TargetProfile target, int threads) => ProgramBuilder.Build(
        backend.Lowering.Run(graph, new PassContext(OpRegistry.Standard())), KernelCatalog.Standard(), target,
        new SharedStepTests.Endless(), threads);

    [Fact]
    public void Bands_give_the_same_bits_with_any_number_of_threads()
    {
        using var batch = new ProgramBatch(Target);
        var rules = FusionStrategies.Standard().Find("rules");
        int[] threads = [1, 2, 3, 5];
        foreach (var (name, build) in Graphs)
        {
            var graph = build();
            batch.Add($"{name}/whole", rules, backend => Program(backend, graph, Target, 1));
            foreach (int count in threads)
                batch.Add($"{name}/{count}", rules, backend =>
                {
                    var program = Program(backend, graph, Small, count);
                    Assert.Contains(program.Chains, chain => chain.Count > 1);
                    return program;
                });
        }
        foreach (var (name, build) in Graphs)
        {
            var graph = build();
            var random = new Random(11);
            Array[] inputs = [.. graph.Inputs.Select(i => Arrays.Random((TensorType)graph[i.Value].Type, random)).Select(Arrays.Of)];
            Array[] whole = batch[$"{name}/whole"].Run(inputs, 1);
            foreach (int count in threads)
                for (int run = 0; run < 2; run++) Assert.Equal(whole, batch[$"{name}/{count}"].Run(inputs, 1));
        }
    }

    [Fact]
    public void What_lies_between_steps_takes_less_memory_in_bands()
    {
        var graph = Graphs["expand, depthwise, project"]();
        var backend = new CSharpBackend(Target, FusionStrategies.Standard().Find("rules"));
        var (whole, banded) = (Program(backend, graph, Target, 1), Program(backend, graph, Small, 1));
        Assert.Empty(whole.Chains);
        Assert.True(banded.ArenaBytes.Value < whole.ArenaBytes.Value);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_image_that_somebody_else_reads_too_is_whole(bool isReadTwice)
    {
        var graph = KernelGraphs.Image(16, 31, 19, (b, x) =>
        {
            int wide = Pointwise(b, "expand", x, 16, 40), deep = Depthwise(b, "depthwise", wide, 40, 3);
            return isReadTwice ? b.Add("sum", new Add(), deep, wide) : deep;
        });
        var program = Program(new CSharpBackend(Target, FusionStrategies.Standard().Find("rules")), graph, Small, 1);
        Assert.Equal(!isReadTwice, program.Chains.Any(chain => chain.Count > 1));
    }
}
