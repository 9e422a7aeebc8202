using System.Collections.Immutable;
using Nncc.Backends.Models;
using Nncc.IR.Evaluate;
using Nncc.Passes;
using Nncc.Passes.Rules;

namespace Nncc.Backends.Verification;

/// <summary>What a search for the first wrong step found.</summary>
/// <param name="Steps">How many steps the whole compilation makes.</param>
/// <param name="Runs">How many compilations were evaluated.</param>
/// <param name="First">The first step that moves an output beyond its bar; null where none does.</param>
/// <param name="Before">The outputs one step before it; empty where there is none.</param>
/// <param name="After">The outputs with it.</param>
/// <param name="Fault">Why the compilation with the step cannot be evaluated; null where it can.</param>
public sealed record BisectionResult(long Steps, int Runs, Step? First, ImmutableArray<OutputComparison> Before,
    ImmutableArray<OutputComparison> After, Fault? Fault);

/// <summary>
/// Finds the step of a compilation that makes its result wrong, by halving: the steps are numbered and can be limited, and the evaluator
/// says whether a graph still means what the model means. Where several steps are wrong it finds one of them, whose predecessors together
/// are harmless.
/// </summary>
public sealed class StepBisection
{
    private readonly Compiler compiler;
    private readonly Model model;
    private readonly ImmutableArray<Datum?> inputs;
    private readonly CancellationToken cancellation;
    private readonly ErrorBars bars;
    private readonly MarginRun reference;

    private int runs;

    /// <summary>A search.</summary>
    /// <param name="compiler">Its options say what is compiled and bind sizes.</param>
    /// <param name="model">The model as read.</param>
    /// <param name="seed">Seed of the made-up inputs.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NnccException">The evaluator, which judges, cannot run the model.</exception>
    public StepBisection(Compiler compiler, Model model, int seed = 1, CancellationToken cancellation = default)
    {
        this.model = compiler.Specialize(model, cancellation);
        this.cancellation = cancellation;
        inputs = TestDataSet.Random(this.model.Graph, seed).Inputs;
        this.compiler = compiler.With(compiler.Options with
        {
            Notify = null, Observe = null,
            // Without checks: what they would refuse is what is looked for.
            Passes = ModelInputs.WithShapes(compiler.Options.Passes.WithoutSizes, this.model.Graph, inputs) with { Check = RuleCheck.None },
        });
        bars = new ErrorBars(this.model.Graph);
        double margin = this.model.Graph.Outputs.Select(o => bars[o.Value]).DefaultIfEmpty(ErrorBars.Float32).Max();
        reference = new Evaluator(isWide: true, cancellation).RunWithMargin(this.model.Graph, inputs, margin);
    }

    /// <summary>Whether the whole compilation gives other answers than the model.</summary>
    public bool IsWrong => !Run(long.MaxValue, out _, out _).Agrees;

    /// <summary>Searches.</summary>
    /// <param name="progress">Hears of each run; null for nobody.</param>
    public BisectionResult Find(Action<string>? progress = null)
    {
        var (agrees, after) = Run(long.MaxValue, out long steps, out var fault);
        if (agrees) return new(steps, runs, null, [], after, null);
        long good = 0, bad = steps;
        ImmutableArray<OutputComparison> before = [];
        while (bad - good > 1)
        {
            long middle = good + (bad - good) / 2;
            progress?.Invoke($"the first {middle} of {steps} steps");
            var (isGood, outputs) = Run(middle, out _, out var found);
            if (isGood) (good, before) = (middle, outputs);
            else (bad, after, fault) = (middle, outputs, found);
        }
        var last = new LastStep();
        Compile(new StepLog(bad, last));
        return new(steps, runs, last.Step, before, after, fault);
    }

    private (bool Agrees, ImmutableArray<OutputComparison> Outputs) Run(long limit, out long steps, out Fault? fault)
    {
        runs++;
        var log = new StepLog(limit);
        try
        {
            var graph = Compile(log).Graph;
            steps = log.Count;
            fault = null;
            using var runner = new Engines.EvaluatorRunner(graph, isWide: false);
            var actual = runner.Run(Bound(graph), cancellation);
            ImmutableArray<OutputComparison> outputs = [.. model.Graph.Outputs.Select((o, i) =>
                OutputComparison.Of(o.Name, reference.Outputs[i], reference.Nudged[i], actual[i], bars[o.Value]))];
            return (outputs.All(o => o.Agrees), outputs);
        }
        catch (NnccException e)
        {
            // What cannot be compiled or evaluated any more is wrong as well.
            (steps, fault) = (log.Count, e.Faults[0]);
            return (false, []);
        }
    }

    private Model Compile(StepLog log) => compiler.With(compiler.Options with { Steps = log }).Canonicalize(model, cancellation);

    // Inputs by name: passes may have taken those away that have a default.
    private ImmutableArray<Datum?> Bound(Graph graph)
    {
        var byName = model.Graph.Inputs.Zip(inputs)
            .ToDictionary(p => model.Graph[p.First.Value].Name, p => p.Second, StringComparer.Ordinal);
        return [.. graph.Inputs.Select(i => byName[graph[i.Value].Name])];
    }

    private sealed class LastStep : IStepListener
    {
        public Step? Step { get; private set; }

        public void Stepped(Step step) => Step = step;

        public void Refused(Refusal refusal)
        {
        }
    }
}
