using System.Collections.Immutable;
using Nncc.Backends.Models;

namespace Nncc.Backends.Benchmarks;

/// <summary>How many items an engine computes in a second.</summary>
/// <param name="Engine">The engine.</param>
/// <param name="Batch">Items of a run.</param>
/// <param name="Threads">Threads of an instance.</param>
/// <param name="Instances">Instances that run at the same time, each on a thread of its own.</param>
/// <param name="PerSecond">Items a second; null where the engine does not take the model with this batch.</param>
/// <param name="Reason">Why not; null where it does.</param>
public sealed record ItemRate(string Engine, long Batch, int Threads, int Instances, double? PerSecond, string? Reason);

/// <summary>Counts items a second for batches, threads and instances.</summary>
internal static class Throughput
{
    private const long LargeBatch = 8;

    /// <summary>Measures the model as it is and in batches of eight where it takes them.</summary>
    public static ImmutableArray<ItemRate> Measure(Compiler compiler, Model model, BenchmarkOptions options, CancellationToken cancellation)
    {
        var rates = ImmutableArray.CreateBuilder<ItemRate>();
        long own = model.Graph.Inputs.Select(i => model.Graph.Type(i.Value)).OfType<TensorType>().Select(t => t.Shape)
            .FirstOrDefault(s => s is { Rank: > 0 })?[0].Value ?? 1;
        (int Threads, int Instances)[] ways = options.Threads == 1 ? [(1, 1)] : [(1, 1), (options.Threads, 1), (1, options.Threads)];
        foreach (long batch in own == LargeBatch ? [own] : new[] { own, LargeBatch })
            foreach (var (threads, instances) in ways)
                foreach (bool isOther in options.HasOnnxRuntime ? [false, true] : new[] { false })
                {
                    options.Progress?.Invoke($"batch {batch}, {threads} threads, {instances} instances");
                    string engine = isOther ? "onnxruntime" : "nncc";
                    try
                    {
                        var scaled = batch == own ? model : ModelScaling.WithShapes(model, ModelScaling.Batch(model.Graph, batch));
                        double runs = Rate(compiler, scaled, isOther, threads, instances, options, cancellation);
                        rates.Add(new(engine, batch, threads, instances, runs * batch, null));
                    }
                    catch (NnccException e)
                    {
                        rates.Add(new(engine, batch, threads, instances, null, e.Faults[0].Message));
                    }
                }
        return rates.ToImmutable();
    }

    // Runs a second of all instances together.
    private static double Rate(Compiler compiler, Model model, bool isOther, int threads, int instances, BenchmarkOptions options,
        CancellationToken cancellation)
    {
        var inputs = TestDataSet.Random(model.Graph, options.Seed).Inputs;
        compiler = compiler.With(compiler.Options with { Notify = null, CSharp = compiler.Options.CSharp with { Threads = threads } });
        var engines = new List<Contestant>();
        try
        {
            for (int i = 0; i < instances; i++)
            {
                engines.Add(isOther ? new OnnxRuntimeContestant(compiler, model, null, inputs, threads, options.Clock)
                    : new CompiledContestant(compiler, model, inputs, options.Clock, cancellation));
                engines[i].Run();
            }
            long runs = 0, start = options.Clock.GetTimestamp();
            double seconds = Math.Clamp(options.Seconds / 5, 0.01, 2);
            var workers = engines.Select(engine => new Thread(() =>
            {
                do
                {
                    engine.Run();
                    Interlocked.Increment(ref runs);
                }
                while (options.Clock.GetElapsedTime(start).TotalSeconds < seconds && !cancellation.IsCancellationRequested);
            })).ToList();
            foreach (var worker in workers) worker.Start();
            foreach (var worker in workers) worker.Join();
            double elapsed = options.Clock.GetElapsedTime(start).TotalSeconds;
            cancellation.ThrowIfCancellationRequested();
            return runs / elapsed;
        }
        finally
        {
            foreach (var engine in engines) engine.Dispose();
        }
    }
}
