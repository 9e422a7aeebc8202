using Nncc.Backends.CSharp;
using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Tests.Backends;

/// <summary>Programs whose steps threads share.</summary>
public class SharedStepTests
{
    // Every step is worth sharing.
    internal sealed class Endless : ICostModel
    {
        public KernelCost Predict(KernelFeatures features, TargetProfile target, double modelBytes = 0) => new(1e9, 0, 0, 1e9);
    }

    private static readonly TargetProfile Target = TargetProfiles.Standard()["cpu-avx2"];

    private static ModelProgram Program(CSharpBackend backend, Graph graph, int threads) => ProgramBuilder.Build(
        backend.Lowering.Run(graph, new PassContext(OpRegistry.Standard())), KernelCatalog.Standard(), Target, new Endless(), threads);

    private static ModelProgram Program(Graph graph, int threads = 3) =>
        Program(new CSharpBackend(Target, new NoFusion()), graph, threads);

    [Fact]
    [Trait("speed", "slow")]
    public void Every_kernel_that_can_be_shared_gives_the_same_bits_with_any_number_of_threads()
    {
        using var batch = new ProgramBatch(Target);
        var graphs = new SortedDictionary<string, Graph>(StringComparer.Ordinal);
        var kernels = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (name, build) in KernelGraphs.All)
        {
            var graph = build();
            var program = Program(new CSharpBackend(Target, FusionStrategies.Standard().Find("rules")), graph, 3);
            if (program.Steps.All(s => s.Split is null)) continue;
            kernels.UnionWith(program.Steps.Where(s => s.Split is not null)
                .Select(s => program.Kernels.Single(k => k.Name == s.Kernel).Schedule.Template));
            graphs.Add(name, graph);
            foreach (int threads in new[] { 1, 3 })
                batch.Add($"{name}/{threads}", FusionStrategies.Standard().Find("rules"), backend => Program(backend, graph, threads));
        }
        foreach (string template in new[] { "elementwise", "softmax", "norm", "reduce", "matmul" }) Assert.Contains(template, kernels);
        foreach (var (name, graph) in graphs)
        {
            var random = new Random(7);
            Array[] inputs = [.. graph.Inputs.Select(i => Arrays.Of(i.Default ?? Arrays.Random((TensorType)graph[i.Value].Type, random)))];
            Array[] alone = batch[$"{name}/1"].Run(inputs, graph.Outputs.Length);
            using var model = batch[$"{name}/3"];
            for (int run = 0; run < 2; run++)
            {
                Array[] shared = model.Run(inputs, graph.Outputs.Length);
                for (int i = 0; i < alone.Length; i++) Assert.Equal(alone[i], shared[i]);
            }
        }
    }

    private static Graph Chain(params Func<GraphBuilder, int, int>[] links)
    {
        var b = new GraphBuilder("chain");
        int x = b.Input("x", DType.Float32, 64, 1000);
        foreach (var link in links) x = link(b, x);
        b.Output("y", x);
        return b.Build();
    }

    private static IEnumerable<bool> Waits(params Func<GraphBuilder, int, int>[] links) => BarrierPlan.Of(Program(Chain(links)));

    [Fact]
    public void Threads_wait_only_where_one_touches_what_another_writes()
    {
        Func<GraphBuilder, int, int> exp = (b, x) => b.Add($"exp{x}", new Exp(), x),
            softmax = (b, x) => b.Add($"soft{x}", new Softmax(-1), x), transpose = (b, x) => b.Add($"turn{x}", new Transpose([1, 0]), x);
        Assert.Equal([false, false, false], Waits(exp, exp, exp));
        // Rows are cut elsewhere than lines of elements, but rows as rows.
        Assert.Equal([false, true], Waits(exp, softmax));
        Assert.Equal([false, false], Waits(softmax, softmax));
        // A movement that is not shared is the first thread's, between two waits.
        Assert.Equal([false, true, true], Waits(exp, transpose, exp));
        Assert.DoesNotContain(true, BarrierPlan.Of(Program(Chain(exp, softmax, transpose), threads: 1)));
    }

    [Fact]
    public void Memory_that_the_same_pieces_use_again_is_not_waited_for()
    {
        var program = Program(Chain([.. Enumerable.Range(0, 5).Select(i =>
            (Func<GraphBuilder, int, int>)((b, x) => b.Add($"softmax{i}", new Softmax(-1), x)))]));
        var inner = program.Buffers.Where(b => b.Kind == BufferKind.Arena).ToList();
        Assert.True(inner.Select(b => b.Offset).Distinct().Count() < inner.Count);
        Assert.DoesNotContain(true, BarrierPlan.Of(program));
    }

    private const string Members = """
            public static string Run(string file, int threads, long[] numbers, long[] divisors, long[] quotients)
            {
                using var weights = Weights.Open(file);
                using var model = new Net(weights, threads);
                var bad = (long[])divisors.Clone();
                bad[^1] = 0;
                string message = "";
                try { model.Run(numbers, bad, quotients); } catch (InvalidDataException e) { message = e.Message; }
                long before = GC.GetAllocatedBytesForCurrentThread();
                for (int i = 0; i < 10; i++) model.Run(numbers, divisors, quotients);
                return message + "|" + (GC.GetAllocatedBytesForCurrentThread() - before);
            }
        """;

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_run_that_failed_leaves_the_instance_usable_and_no_run_allocates(int threads)
    {
        var b = new GraphBuilder("net");
        int x = b.Input("numbers", DType.Int64, 40000), d = b.Input("divisors", DType.Int64, 40000);
        b.Output("quotients", b.Add("div", new Div(), x, d));
        using var driver = new EmittedDriver(b.Build(), Members, new CSharpOptions("Net") { Threads = 4 });
        long[] numbers = [.. Enumerable.Range(0, 40000).Select(i => (long)i * i)], divisors = [.. numbers.Select(n => n % 7 + 1)];
        var quotients = new long[40000];
        string said = (string)driver.Call("Run", driver.WeightsFile, threads, numbers, divisors, quotients)!;
        Assert.Contains("div", said);
        Assert.EndsWith("|0", said);
        Assert.Equal(numbers.Zip(divisors, (n, m) => n / m), quotients);
    }

    [Fact]
    public void The_number_of_threads_is_within_what_was_compiled()
    {
        using var driver = new EmittedDriver(Chain((b, x) => b.Add("exp", new Exp(), x)), """
                public static void Make(string file, int threads)
                {
                    using var weights = Weights.Open(file);
                    using var model = new Net(weights, threads);
                }
            """, new CSharpOptions("Net") { Threads = 2 });
        driver.Call("Make", driver.WeightsFile, 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => driver.Call("Make", driver.WeightsFile, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => driver.Call("Make", driver.WeightsFile, 0));
    }
}
