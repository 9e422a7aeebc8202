using System.Collections.Immutable;
using Nncc.Backends.Models;
using Nncc.Backends.Verification;
using Nncc.IR.Evaluate;

namespace Nncc.Backends.Benchmarks;

/// <summary>Measures a model in this process: emitted C# and ONNX Runtime in alternating blocks, on the same made-up inputs.</summary>
public static class ModelBenchmark
{
    private const int AllocationRuns = 10;

    /// <summary>Measures a model.</summary>
    /// <param name="compiler">Its options say for which target, and bind sizes.</param>
    /// <param name="model">The model as read.</param>
    /// <param name="options">How it is measured.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NnccException">
    /// The model cannot be emitted, this machine cannot run the target, or ONNX Runtime is not there or does not take the model.
    /// </exception>
    public static BenchmarkReport Run(Compiler compiler, Model model, BenchmarkOptions options, CancellationToken cancellation = default)
    {
        bool isBound = model.Graph.Inputs.All(i => i.Default is null && model.Graph.Type(i.Value) is TensorType { Shape.IsStatic: true });
        model = compiler.Specialize(model, cancellation);
        if (options.DataFolder is null) compiler.CSharp.Check(model.Graph); // before sizes are missed elsewhere
        var inputs = options.DataFolder is { } folder ? TestDataSet.ReadAll(folder, model.Graph)[0].Inputs
            : TestDataSet.Random(model.Graph, options.Seed).Inputs;
        model = compiler.With(compiler.Options with
        {
            Passes = ModelInputs.WithShapes(compiler.Options.Passes.WithoutSizes, model.Graph, inputs),
        }).Specialize(model, cancellation);
        compiler = compiler.With(compiler.Options with
        {
            Passes = compiler.Options.Passes.WithoutSizes, CSharp = compiler.Options.CSharp with { Threads = options.Threads },
        });
        var probe = new MachineProbe(compiler.Target, options.Clock);
        var engines = new List<Contestant>();
        try
        {
            options.Progress?.Invoke("compiling");
            engines.Add(new CompiledContestant(compiler, model, inputs, options.Clock, cancellation));
            if (options.HasOnnxRuntime)
            {
                options.Progress?.Invoke("loading into ONNX Runtime");
                string? path = isBound && options.ModelPath is { } file && ModelFile.IsOnnx(file) ? file : null;
                engines.Add(new OnnxRuntimeContestant(compiler, model, path, inputs, options.Threads, options.Clock));
            }
            double[] first = [.. engines.Select(engine => FirstRun(engine, options.Clock))];
            options.Progress?.Invoke("measuring");
            var blocks = new AlternatingBlocks(engines, options, () => probe.Peak().Mean);
            blocks.Measure(cancellation);
            var counted = blocks.Counted.ToList();
            long[] allocated = [.. engines.Select(Allocated)];
            var reference = options.HasErrors ? Reference(model.Graph, inputs, options, cancellation) : [];
            var reports = engines.Select((engine, i) =>
            {
                var (error, rms) = options.HasErrors ? AnswerErrors.Of(model.Graph, reference, engine.Outputs) : (null, null);
                return new EngineReport(engine.Engine, RunTimes.Of(counted.SelectMany(times => times[i])),
                    (double)allocated[i] / AllocationRuns, engine.CompileMs, engine.LoadMs, first[i], error, rms);
            }).ToImmutableArray();
            if (options.HasLayers) options.Progress?.Invoke("measuring layers");
            var layers = options.HasLayers
                ? LayerTimes.Measure(compiler, model, inputs, options, probe, reports[0].Times.MedianMs, cancellation) : null;
            var items = options.HasItems ? Throughput.Measure(compiler, model, options, cancellation) : [];
            return new BenchmarkReport(compiler.Target, options.Threads, reports, engines.Count < 2 ? null
                : RatioEstimate.Of([.. counted.Select(times => (times[0], times[1]))]), blocks.Report, layers, items);
        }
        finally
        {
            foreach (var engine in engines) engine.Dispose();
        }
    }

    private static double FirstRun(Contestant engine, TimeProvider clock)
    {
        long start = clock.GetTimestamp();
        engine.Run();
        return clock.GetElapsedTime(start).TotalMilliseconds;
    }

    private static long Allocated(Contestant engine)
    {
        engine.Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < AllocationRuns; i++) engine.Run();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static ImmutableArray<Datum> Reference(Graph graph, ImmutableArray<Datum?> inputs, BenchmarkOptions options,
        CancellationToken cancellation)
    {
        options.Progress?.Invoke("wide evaluation");
        return new Evaluator(isWide: true, cancellation).Run(graph, inputs);
    }
}
