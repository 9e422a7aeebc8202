using System.Collections.Immutable;
using Nncc.Backends.CSharp;
using Nncc.Backends.Models;
using Nncc.IR.Ops;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;

namespace Nncc.Backends.Benchmarks;

/// <summary>A schedule of a node as predicted and as measured.</summary>
/// <param name="Workload">What is computed, so that equal work of several nodes is known as such.</param>
/// <param name="Nodes">The ONNX nodes that it computes.</param>
/// <param name="Schedule">How.</param>
/// <param name="IsChosen">Whether the cost model finds it cheapest.</param>
/// <param name="PredictedUs">Predicted microseconds.</param>
/// <param name="MeasuredUs">First quartile of measured microseconds.</param>
public sealed record ScheduleTrial(string Workload, string Nodes, Schedule Schedule, bool IsChosen, double PredictedUs, double MeasuredUs);

/// <summary>A model as predicted and as measured, under the chosen schedules.</summary>
/// <param name="Trials">Schedules of its nodes.</param>
/// <param name="PredictedMs">Predicted milliseconds of a run.</param>
/// <param name="MeasuredMs">First quartile of measured milliseconds.</param>
/// <param name="Macs">Multiply-accumulates by definition of the ops.</param>
/// <param name="Activations">Elements of all results of nodes.</param>
public sealed record ModelTrial(ImmutableArray<ScheduleTrial> Trials, double PredictedMs, double MeasuredMs, double Macs,
    double Activations);

/// <summary>
/// Measures legal schedules of the nodes of a model beside what the cost model predicts of them: programs that differ in schedules alone
/// are run in turns, each step with its time, and the chosen one also as it is shipped, without time stamps.
/// </summary>
public static class ScheduleStudy
{
    private const int WarmUp = 2, TimesInTurn = 3;

    // Runs that one time is the mean of take at least so long: a time stamp takes longer than a small kernel.
    private const double LeastMs = 0.05;

    /// <summary>Measures a model.</summary>
    /// <param name="compiler">Its options say for which target.</param>
    /// <param name="model">The model with its sizes bound.</param>
    /// <param name="programs">Programs that are made: so many schedules of a node at most, spread over all, the chosen one first.</param>
    /// <param name="rounds">Rounds of all programs.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NnccException">The model cannot be emitted, or this machine cannot run the target.</exception>
    public static ModelTrial Measure(Compiler compiler, Model model, int programs, int rounds, TimeProvider clock,
        CancellationToken cancellation = default)
    {
        var inputs = TestDataSet.Random(compiler.Specialize(model, cancellation).Graph, 1).Inputs;
        var backend = compiler.CSharp;
        var chosen = compiler.Schedule(model, cancellation).Graph;
        var choices = chosen.Nodes.Where(n => n.Op is Fusion).ToDictionary(n => n.Id, n => Spread(backend, chosen, n, programs));
        var variants = Variants(backend, chosen, choices);
        var running = new List<(HostedProgram Hosted, HostedModel Model)>();
        try
        {
            foreach (var (_, program) in variants) running.Add(Start(backend, program, isTimed: true));
            running.Add(Start(backend, variants[0].Program, isTimed: false));
            var arrays = CompiledContestant.Arrays(variants[0].Program, model.Graph, inputs);
            var outputs = new Array?[variants[0].Program.Outputs.Length];
            var times = variants.Select(v => v.Program.Steps.Select(_ => new List<double>()).ToArray()).ToArray();
            var whole = new List<double>();
            double unit = 1e6 / clock.TimestampFrequency, stamp = StampTicks(clock);
            int runs = 1;
            for (int round = -WarmUp; round < rounds; round++)
                foreach (var (v, (_, instance)) in running.Index())
                {
                    cancellation.ThrowIfCancellationRequested();
                    instance.Run(arrays, outputs); // finds what another program left in the caches
                    for (int time = 0; time < TimesInTurn; time++)
                    {
                        if (instance.Ticks is { } old) Array.Clear(old);
                        long start = clock.GetTimestamp();
                        for (int run = 0; run < runs; run++) instance.Run(arrays, outputs);
                        double elapsed = (clock.GetTimestamp() - start) * unit / runs;
                        if (round == -1) runs = (int)Math.Clamp(LeastMs * 1000 / elapsed, 1, 1000);
                        if (round < 0) continue;
                        if (instance.Ticks is not { } ticks) whole.Add(elapsed);
                        else for (int step = 0; step < ticks.Length; step++)
                            times[v][step].Add(Math.Max(0, (double)ticks[step] / runs - stamp) * unit);
                    }
                }
            return Trial(backend, chosen, choices, variants, (v, _, steps) => steps.Sum(step => Undisturbed(times[v][step])),
                Undisturbed(whole) / 1000);
        }
        finally
        {
            foreach (var (hosted, instance) in running)
            {
                instance.Dispose();
                hosted.Dispose();
            }
        }
    }

    /// <summary>
    /// What is predicted now of the programs that were measured before; null where the compiler no longer makes the same kernels of the
    /// model.
    /// </summary>
    /// <param name="compiler">Its options say for which target.</param>
    /// <param name="model">The model with its sizes bound.</param>
    /// <param name="measured">The trials of the model.</param>
    /// <param name="measuredMs">Milliseconds of a run.</param>
    /// <param name="cancellation">Ends it.</param>
    public static ModelTrial? Predict(Compiler compiler, Model model, IEnumerable<ScheduleTrial> measured, double measuredMs,
        CancellationToken cancellation = default)
    {
        var backend = compiler.CSharp;
        var chosen = compiler.Schedule(model, cancellation).Graph;
        var known = measured.GroupBy(t => (t.Workload, t.Nodes))
            .ToDictionary(g => g.Key, g => g.OrderByDescending(t => t.IsChosen).ToArray());
        var choices = new Dictionary<int, ImmutableArray<Schedule>>();
        var of = new Dictionary<int, ScheduleTrial[]>();
        foreach (var node in chosen.Nodes)
        {
            if (node.Op is not Fusion fusion) continue;
            choices[node.Id] = [Schedule.Parse(fusion.Schedule!)];
            if (!known.TryGetValue((backend.Workload(chosen, node), node.Origin.ToString()), out var trials)) continue;
            of[node.Id] = trials;
            choices[node.Id] = [.. trials.Select(t => t.Schedule)];
        }
        if (of.Count < known.Count) return null;
        return Trial(backend, chosen, choices, Variants(backend, chosen, choices),
            (v, node, _) => of.TryGetValue(node, out var trials) ? trials[v].MeasuredUs : 0, measuredMs);
    }

    // The first quartile: what disturbs a machine that is not alone only adds to times, and may last for more than half of the rounds.
    private static double Undisturbed(IEnumerable<double> times) => RunTimes.Quantile([.. times.Order()], 0.25);

    private static List<(Graph Graph, ModelProgram Program)> Variants(CSharpBackend backend, Graph chosen,
        Dictionary<int, ImmutableArray<Schedule>> choices)
    {
        var variants = new List<(Graph, ModelProgram)>();
        for (int i = 0; i < choices.Values.Max(c => c.Length); i++)
        {
            var edit = new GraphEdit(chosen);
            foreach (var node in chosen.Nodes)
                if (node.Op is Fusion fusion)
                    edit.Change(node, fusion with { Schedule = choices[node.Id][i % choices[node.Id].Length].ToString() },
                        node.Inputs.AsSpan());
            var graph = edit.Freeze();
            variants.Add((graph, backend.Build(graph)));
        }
        return variants;
    }

    private static (HostedProgram Hosted, HostedModel Model) Start(CSharpBackend backend, ModelProgram program, bool isTimed)
    {
        var hosted = HostCompiler.Compile(backend, program, isTimed);
        return (hosted, hosted.Load());
    }

    // What a time stamp adds to the time of a step: the least mean of several loops of nothing else.
    private static double StampTicks(TimeProvider clock)
    {
        const int loops = 20, stamps = 1000;
        double least = double.MaxValue;
        for (int loop = 0; loop < loops; loop++)
        {
            long start = clock.GetTimestamp(), last = start;
            for (int i = 0; i < stamps; i++) last = clock.GetTimestamp();
            least = Math.Min(least, (double)(last - start) / stamps);
        }
        return least;
    }

    private static double Activations(Graph graph) => graph.Nodes.Where(n => n.Op is Fusion).Sum(n => n.GivenOutputs
        .Sum(v => graph.Type(v) is TensorType { Shape: { } shape } ? Dim.Product(shape).Value ?? 0.0 : 0));

    private static ModelTrial Trial(CSharpBackend backend, Graph chosen, Dictionary<int, ImmutableArray<Schedule>> choices,
        List<(Graph Graph, ModelProgram Program)> variants, Func<int, int, IEnumerable<int>, double> measuredUs, double measuredMs) =>
        new([.. variants.SelectMany((variant, v) => Trials(backend, variant.Program, variant.Graph, choices, v, measuredUs))],
            variants[0].Program.Steps.Sum(step => step.Cost.TotalNs) / 1e6, measuredMs,
            chosen.Nodes.Sum(n => n.Op.Measure(chosen.MeasureContext(n)).Macs.Value ?? 0), Activations(chosen));

    private static IEnumerable<ScheduleTrial> Trials(CSharpBackend backend, ModelProgram program, Graph graph,
        Dictionary<int, ImmutableArray<Schedule>> choices, int variant, Func<int, int, IEnumerable<int>, double> measuredUs)
    {
        foreach (var (node, space) in choices)
        {
            if (variant >= space.Length) continue; // measured already
            var steps = program.Steps.Index().Where(s => s.Item.Node == node).ToArray();
            if (steps.Length == 0) continue; // nothing is called
            yield return new ScheduleTrial(backend.Workload(graph, graph.Find(node)!), steps[0].Item.Origin.ToString(), space[variant],
                variant == 0,
                steps.Sum(s => s.Item.Cost.TotalNs) / 1000, measuredUs(variant, node, steps.Select(s => s.Index)));
        }
    }

    // The chosen schedule, then others from all over the space.
    private static ImmutableArray<Schedule> Spread(CSharpBackend backend, Graph graph, Node node, int most)
    {
        var chosen = Schedule.Parse(((Fusion)node.Op).Schedule!);
        var others = backend.Space(graph, node).Where(s => s != chosen).ToArray();
        int taken = Math.Min(most - 1, others.Length);
        return [chosen, .. Enumerable.Range(0, taken).Select(i => others[(int)((long)i * others.Length / taken)])];
    }
}
