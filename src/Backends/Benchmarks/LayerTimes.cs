using System.Collections.Immutable;
using Nncc.Backends.CSharp;
using Nncc.IR.Ops;
using Nncc.Passes.Programs;

namespace Nncc.Backends.Benchmarks;

/// <summary>
/// Times each step of a program that is emitted anew with a time stamp behind each call, and sets it beside the layer's bound.
/// </summary>
internal static class LayerTimes
{
    private const int MostRuns = 300, LeastRuns = 10;
    private const double MostMs = 4000;

    /// <summary>Measures the layers.</summary>
    /// <param name="compiler">Its options say for which target.</param>
    /// <param name="model">The model with its sizes bound.</param>
    /// <param name="inputs">Inputs in the model's order.</param>
    /// <param name="options">How it is measured.</param>
    /// <param name="probe">Measures the machine.</param>
    /// <param name="modelMs">Median time of the model.</param>
    /// <param name="cancellation">Ends it.</param>
    public static LayerReport Measure(Compiler compiler, Model model, ImmutableArray<Datum?> inputs, BenchmarkOptions options,
        MachineProbe probe, double modelMs, CancellationToken cancellation)
    {
        var backend = compiler.CSharp;
        var scheduled = compiler.Schedule(model, cancellation).Graph;
        var program = backend.Build(scheduled);
        double[] milliseconds = Steps(backend, program, CompiledContestant.Arrays(program, model.Graph, inputs), options, cancellation);
        var machine = new LayerBounds(compiler.Target, program, probe, options.Threads);
        double whole = milliseconds.Sum();
        var layers = ImmutableArray.CreateBuilder<LayerTime>();
        // The steps of a node stand together; a copy of an output stands for itself.
        foreach (var steps in program.Steps.Index().GroupBy(s => s.Item.Node >= 0 ? s.Item.Node : -1 - s.Index))
        {
            double time = steps.Sum(s => milliseconds[s.Index]);
            var (index, step) = steps.First();
            var node = steps.Key >= 0 ? scheduled.Find(steps.Key) : null;
            var work = node is null ? new Work(0, 0, 0, 0) : node.Op.Measure(scheduled.MeasureContext(node));
            var (bound, by) = node is null ? machine.OfCopy(step)
                : machine.Of(work, backend.Features(scheduled, node), Weights(scheduled, node));
            layers.Add(new LayerTime([.. step.Origin.Nodes], node is null ? "copy" : Ops(node),
                [.. steps.Select(s => s.Item.Kernel).Distinct()], time * 1000, whole > 0 ? time / whole : 0,
                time > 0 ? Operations(work) / (time * 1e6) : 0, bound * 1000, by));
        }
        double all = layers.Sum(l => l.BoundMicroseconds) / 1000;
        return new LayerReport(machine.Peak, machine.Bandwidths, all, all / modelMs, layers.ToImmutable());
    }

    /// <summary>Two for each multiply-accumulate, and the other arithmetic.</summary>
    internal static double Operations(Work work) => 2.0 * work.Macs.Value!.Value + work.Arithmetic.Value!.Value;

    private static double Weights(Graph graph, Node node) =>
        node.GivenInputs.Distinct().Sum(i => graph.TryConstant(i, out var tensor) ? (double)tensor.ByteCount : 0);

    private static string Ops(Node node) => node.Op is Fusion fusion
        ? string.Join('+', fusion.Body.Nodes.Where(n => n.Op is not Constant).Select(n => n.Op.FullName)) : node.Op.FullName;

    // Milliseconds of each step: medians over runs.
    private static double[] Steps(CSharpBackend backend, ModelProgram program, Array[] inputs, BenchmarkOptions options,
        CancellationToken cancellation)
    {
        using var hosted = HostCompiler.Compile(backend, program, isTimed: true);
        using var model = hosted.Load();
        var outputs = new Array?[program.Outputs.Length];
        long[] ticks = model.Ticks!;
        var runs = new List<long[]>();
        model.Run(inputs, outputs);
        long start = options.Clock.GetTimestamp();
        int wanted = Math.Clamp(options.Runs, LeastRuns, MostRuns);
        while (runs.Count < wanted && (runs.Count < LeastRuns || options.Clock.GetElapsedTime(start).TotalMilliseconds < MostMs))
        {
            cancellation.ThrowIfCancellationRequested();
            Array.Clear(ticks);
            model.Run(inputs, outputs);
            runs.Add([.. ticks]);
        }
        double unit = 1000.0 / options.Clock.TimestampFrequency;
        return [.. ticks.Select((_, step) => RunTimes.Median(runs.Select(r => (double)r[step])) * unit)];
    }
}
