using System.CommandLine;
using System.Diagnostics;
using Nncc.Backends;
using Nncc.Backends.Benchmarks;
using Nncc.Backends.OnnxRuntime;
using Nncc.IR;
using Nncc.IR.Onnx;
using Nncc.IR.Ops;
using static System.FormattableString;

namespace Nncc.Bench;

/// <summary>
/// Times how long rewriting takes on graphs of many nodes: <c>nncc compile --emit onnx</c> as a process of its own with its largest working
/// set, reading, rewriting at -O2 and writing again in a process that has done so before, and ONNX Runtime as it loads and optimizes.
/// </summary>
internal static class LargeGraphs
{
    private const int Width = 8;

    private static readonly (string Name, Func<int, Graph> Build)[] Kinds = [("chain", Chain), ("mixed", Mixed)];

    /// <summary>The verb.</summary>
    /// <param name="root">Gives the checkout.</param>
    public static Command Command(string root)
    {
        var nodes = new Option<int[]>("--nodes") { Description = "Numbers of nodes", DefaultValueFactory = _ => [10_000, 100_000] };
        var rounds = new Option<int>("--rounds") { Description = "How many rounds", DefaultValueFactory = _ => 5 };
        var without = new Option<bool>("--no-onnxruntime") { Description = "nncc alone" };
        var command = new Command("large", "Times nncc and ONNX Runtime on graphs of many nodes") { nodes, rounds, without };
        command.SetAction(parsed =>
        {
            Print($"| graph | nodes | written | cold | peak | again | ONNX Runtime |");
            Print($"|---|---|---|---|---|---|---|");
            var compiler = new Compiler(new CompilerOptions { OnnxRuntime = new OnnxRuntimeOptions(null, [root]) });
            foreach (int count in parsed.GetValue(nodes)!)
                foreach (var (name, build) in Kinds)
                    Measure(root, compiler, name, build(count), parsed.GetValue(rounds), !parsed.GetValue(without));
        });
        return command;
    }

    private static void Measure(string root, Compiler compiler, string name, Graph graph, int rounds, bool withRuntime)
    {
        string path = Path.Combine(Path.GetTempPath(), $"nncc-large-{Environment.ProcessId}.onnx"), written = path + ".written.onnx";
        var options = new OrtSessionOptions { IntraOpThreads = 1, Optimization = OrtOptimization.All };
        try
        {
            byte[] bytes = OnnxWriter.ToBytes(new Model(graph, ModelHeader.Empty), compiler.Ops);
            File.WriteAllBytes(path, bytes);
            List<double> cold = [], again = [], runtime = [];
            long peak = 0;
            for (int round = -1; round < rounds; round++)
            {
                double coldMs = Milliseconds(() => peak = Math.Max(peak,
                    NnccProcess.PeakMemory(root, "compile", path, "--emit", "onnx", "-o", written, "-q")));
                double againMs = Milliseconds(() => compiler.WriteOnnx(compiler.Read(path), written));
                double runtimeMs = withRuntime ? Milliseconds(() => OrtSession.Open(compiler.OnnxRuntime, bytes, options).Dispose()) : 0;
                if (round < 0) continue; // files and code are cold
                cold.Add(coldMs);
                again.Add(againMs);
                runtime.Add(runtimeMs);
            }
            string optimized = withRuntime ? Invariant($"{RunTimes.Median(runtime) / 1000:F2} s") : "";
            int left = Count(compiler.Read(written).Graph);
            string nncc = Invariant($"{RunTimes.Median(cold) / 1000:F2} s | {peak >> 20} MB | {RunTimes.Median(again) / 1000:F2} s");
            Print($"| {name} | {Count(graph)} | {left} | {nncc} | {optimized} |");
        }
        finally
        {
            File.Delete(path);
            File.Delete(written);
        }
    }

    // Elementwise nodes one after the other: nothing of it is folded, sums and products stay apart.
    private static Graph Chain(int nodes)
    {
        var b = new GraphBuilder("chain");
        int x = b.Input("x", DType.Float32, 1, Width, 4, 4);
        int bias = b.Constant("bias", Tensor.Of([Width, 1, 1], Same(0.125f)));
        int scale = b.Constant("scale", Tensor.Of([Width, 1, 1], Same(0.5f)));
        for (int i = 0; i < nodes; i++)
            x = (i % 5) switch
            {
                0 => b.Add($"n{i}", new Add(), x, bias),
                1 => b.Add($"n{i}", new Sigmoid(), x),
                2 => b.Add($"n{i}", new Mul(), x, scale),
                3 => b.Add($"n{i}", new Tanh(), x),
                _ => b.Add($"n{i}", new Relu(), x),
            };
        b.Output("y", x);
        return b.Build();
    }

    // Blocks as exporters write them: a convolution, its batch norm and activation, moves that cancel, a residual sum.
    private static Graph Mixed(int nodes)
    {
        var b = new GraphBuilder("mixed");
        int x = b.Input("x", DType.Float32, 1, Width, 4, 4);
        int shape = b.Constant("shape", Tensor.Vector([1L, Width, 4, 4]));
        const int block = 9;
        for (int i = 0; i < nodes; i += block)
        {
            int w = b.Constant($"w{i}", Tensor.Of([Width, Width, 1, 1], Weights(i)));
            int conv = b.Add($"conv{i}", new Conv(KernelShape: [1, 1], Pads: [0, 0, 0, 0], Strides: [1, 1], Dilations: [1, 1]), x, w);
            int norm = b.Add($"norm{i}", new BatchNormalization(), conv, b.Constant($"s{i}", Tensor.Vector(Same(0.9f))),
                b.Constant($"b{i}", Tensor.Vector(Same(0.1f))), b.Constant($"m{i}", Tensor.Vector(Same(0.2f))),
                b.Constant($"v{i}", Tensor.Vector(Same(1.5f))));
            int there = b.Add($"there{i}", new Transpose([0, 2, 3, 1]), b.Add($"relu{i}", new Relu(), norm));
            int sigmoid = b.Add($"gate{i}", new Sigmoid(), b.Add($"same{i}", new Identity(), there));
            int back = b.Add($"back{i}", new Transpose([0, 3, 1, 2]), sigmoid);
            x = b.Add($"sum{i}", new Add(), b.Add($"reshape{i}", new Reshape(), back, shape), x);
        }
        b.Output("y", x);
        return b.Build();
    }

    private static float[] Same(float value) => [.. Enumerable.Repeat(value, Width)];

    private static float[] Weights(int seed) => [.. Enumerable.Range(seed, Width * Width).Select(k => k % 13 / 64f)];

    private static int Count(Graph graph) => graph.Nodes.Count(n => n.Op is not Constant);

    private static double Milliseconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static void Print(FormattableString line) => Console.Out.WriteLine(Invariant(line));
}
