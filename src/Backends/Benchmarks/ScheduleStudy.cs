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
/// <param name="MeasuredUs">Median of measured microseconds.</param>
public sealed record ScheduleTrial(string Workload, string Nodes, Schedule Schedule, bool IsChosen, double PredictedUs, double MeasuredUs);

/// <summary>A model as predicted and as measured, under the chosen schedules.</summary>
/// <param name="Trials">Schedules of its nodes.</param>
/// <param name="PredictedMs">Predicted milliseconds of a run.</param>
/// <param name="MeasuredMs">Median of measured milliseconds.</param>
/// <param name="Macs">Multiply-accumulates by definition of the ops.</param>
/// <param name="Activations">Elements of all results of nodes.</param>
public sealed record ModelTrial(ImmutableArray<ScheduleTrial> Trials, double PredictedMs, double MeasuredMs, double Macs,
    double Activations);

/// <summary>
/// Measures legal schedules of the nodes of a model beside what the cost model predicts of them: programs that differ in schedules alone
/// are run in turns, each step with its time.
/// </summary>
public static class ScheduleStudy
{
    private const int WarmUp = 2, RunsInTurn = 4;

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
        int count = choices.Values.Max(c => c.Length);
        var variants = new List<(ModelProgram Program, Graph Graph, HostedProgram Hosted, HostedModel Model)>();
        try
        {
            for (int i = 0; i < count; i++)
            {
                var edit = new GraphEdit(chosen);
                foreach (var node in chosen.Nodes)
                    if (node.Op is Fusion fusion)
                        edit.Change(node, fusion with { Schedule = choices[node.Id][i % choices[node.Id].Length].ToString() },
                            node.Inputs.AsSpan());
                var graph = edit.Freeze();
                var program = backend.Build(graph);
                var hosted = HostCompiler.Compile(backend, program, isTimed: true);
                variants.Add((program, graph, hosted, hosted.Load()));
            }
            var arrays = CompiledContestant.Arrays(variants[0].Program, model.Graph, inputs);
            var times = variants.Select(v => v.Program.Steps.Select(_ => new List<double>()).ToArray()).ToArray();
            for (int round = -WarmUp; round < rounds; round++)
                for (int v = 0; v < variants.Count; v++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    var outputs = new Array?[variants[v].Program.Outputs.Length];
                    for (int run = 0; run < RunsInTurn; run++)
                    {
                        long[] ticks = variants[v].Model.Ticks!;
                        Array.Clear(ticks);
                        variants[v].Model.Run(arrays, outputs);
                        if (round < 0 || run == 0) continue; // the first of a turn finds what another program left in the caches
                        for (int step = 0; step < ticks.Length; step++) times[v][step].Add(ticks[step]);
                    }
                }
            var whole = Enumerable.Range(0, times[0][0].Count).Select(run => times[0].Sum(step => step[run]));
            return new ModelTrial([.. variants.SelectMany((variant, v) => Trials(backend, variant.Program, variant.Graph, choices, v,
                times[v],
                clock.TimestampFrequency))], variants[0].Program.Steps.Sum(step => step.Cost.TotalNs) / 1e6,
                RunTimes.Median(whole) * 1e3 / clock.TimestampFrequency,
                chosen.Nodes.Sum(n => n.Op.Measure(chosen.MeasureContext(n)).Macs.Value ?? 0), Activations(chosen));
        }
        finally
        {
            foreach (var variant in variants)
            {
                variant.Model.Dispose();
                variant.Hosted.Dispose();
            }
        }
    }

    private static double Activations(Graph graph) => graph.Nodes.Where(n => n.Op is Fusion).Sum(n => n.GivenOutputs
        .Sum(v => graph.Type(v) is TensorType { Shape: { } shape } ? Dim.Product(shape).Value ?? 0.0 : 0));

    private static IEnumerable<ScheduleTrial> Trials(CSharpBackend backend, ModelProgram program, Graph graph,
        Dictionary<int, ImmutableArray<Schedule>> choices, int variant, List<double>[] times, long frequency)
    {
        foreach (var (node, space) in choices)
        {
            if (variant >= space.Length) continue; // measured already
            var steps = program.Steps.Index().Where(s => s.Item.Node == node).ToArray();
            if (steps.Length == 0) continue; // nothing is called
            string nodes = steps[0].Item.Origin.ToString();
            yield return new ScheduleTrial(backend.Workload(graph, graph.Find(node)!), nodes, space[variant], variant == 0,
                steps.Sum(s => s.Item.Cost.TotalNs) / 1000, steps.Sum(s => RunTimes.Median(times[s.Index])) * 1e6 / frequency);
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
