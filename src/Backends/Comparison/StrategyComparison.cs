using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Nncc.Backends.CSharp;
using Nncc.IR.Ops;
using Nncc.Passes.Counting;
using Nncc.Passes.Programs;
using Nncc.Passes.Targets;

namespace Nncc.Backends.Comparison;

/// <summary>Predicts a model on several targets under several strategies.</summary>
public static class StrategyComparison
{
    /// <summary>The strategy that others are compared with.</summary>
    public const string Base = "rules";

    /// <summary>The predictions, by target and strategy in the given order.</summary>
    /// <param name="compiler">The compiler; its target and strategy are not asked for.</param>
    /// <param name="model">The model as read, its sizes bound by the options.</param>
    /// <param name="targets">Names of targets.</param>
    /// <param name="strategies">Names of strategies.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NnccException">
    /// A target or strategy is not there, or the model cannot be lowered for any target. Where kernels of single targets are missing the
    /// prediction says so.
    /// </exception>
    public static ImmutableArray<StrategyPrediction> Run(Compiler compiler, Model model, IReadOnlyList<string> targets,
        IReadOnlyList<string> strategies, CancellationToken cancellation = default)
    {
        var runtimes = targets.Select(compiler.Runtimes.Find).OfType<RuntimeProfile>().ToArray();
        var predicted = runtimes.Select(runtime => OfRuntime(compiler, model, runtime, cancellation)).ToArray();
        targets = [.. targets.Where(t => compiler.Runtimes.Find(t) is null)];
        if (targets.Count == 0) return [.. predicted];
        var canonical = compiler.Canonicalize(model, cancellation);
        compiler = compiler.With(compiler.Options with { Notify = null, Steps = null,
            Observe = null }); // which are not for several threads
        var pairs = targets.SelectMany(target => strategies.Select(strategy => For(compiler, target, strategy))).ToArray();
        pairs[0].CSharp.Check(canonical.Graph);
        var predictions = new StrategyPrediction[pairs.Length];
        // Pairs do not see each other, so that the order in which they are done does not matter.
        Parallel.For(0, pairs.Length, new ParallelOptions { CancellationToken = cancellation },
            i => predictions[i] = Predict(pairs[i], canonical, cancellation));
        return [.. WithDifferences([.. predictions]), .. predicted];
    }

    /// <summary>The predictions with what differs from the base strategy on the same target.</summary>
    internal static ImmutableArray<StrategyPrediction> WithDifferences(ImmutableArray<StrategyPrediction> predictions) =>
        [.. predictions.Select(p => predictions.FirstOrDefault(o => o.Target == p.Target && o.Strategy == Base) is { } other
            && p.Fault is null && other.Fault is null && !ReferenceEquals(other, p)
            ? p with { Differences = RegionDifference.Between(p.Regions, other.Regions) } : p)];

    // Each op by the roofline of the runtime's machine, with its own fixed cost: what it fuses is its own affair.
    private static StrategyPrediction OfRuntime(Compiler compiler, Model model, RuntimeProfile runtime, CancellationToken cancellation)
    {
        var written = compiler.With(compiler.Options with
        {
            Passes = runtime.Apply(compiler.Options.Passes), Notify = null, Steps = null, Observe = null,
        }).Canonicalize(model, cancellation).Graph;
        double ns = 0, traffic = 0, weights = 0;
        int ops = 0;
        foreach (var node in written.Nodes)
        {
            if (node.Op is Constant)
            {
                weights += node.GivenOutputs.Sum(v => MeasureContext.Bytes(written.Type(v)).Value ?? 0);
                continue;
            }
            if (StaticPlan.IsView(node.Op)) continue;
            var work = node.Op.Measure(written.MeasureContext(node));
            double bytes = (work.BytesIn.Value ?? 0) + (work.BytesOut.Value ?? 0);
            ns += Math.Max((2 * (work.Macs.Value ?? 0) + (work.Arithmetic.Value ?? 0)) / runtime.PeakGFlops, bytes / runtime.MemoryGBs)
                + runtime.OpNs;
            traffic += bytes;
            ops++;
        }
        return new StrategyPrediction(runtime.Name, null, runtime.IsMeasured, StrategyPrediction.OfRuntime, null, ns / 1e6, traffic,
            (long)weights,
            0, 0, ops, [], "");
    }

    /// <summary>The compiler for a pair.</summary>
    internal static Compiler For(Compiler compiler, string target, string strategy)
    {
        var pair = compiler.With(compiler.Options with { Target = target, Strategy = strategy });
        _ = pair.CSharp.Strategy; // names what is not there
        return pair;
    }

    private static StrategyPrediction Predict(Compiler compiler, Model canonical, CancellationToken cancellation)
    {
        var target = compiler.Target;
        try
        {
            var backend = compiler.CSharp;
            var scheduled = compiler.Schedule(canonical, cancellation).Graph;
            var program = backend.Build(scheduled);
            long ports = program.Buffers.Where(b => b.Kind is BufferKind.Input or BufferKind.Output).Sum(b => b.Bytes.Value!.Value);
            return new StrategyPrediction(target.Name, target, target.IsMeasured, compiler.Options.Strategy, null, program.Steps.Sum(s =>
                s.Cost.TotalNs) / 1e6,
                program.Steps.Sum(s => s.Cost.Bytes), program.WeightBytes + program.ArenaBytes.Value!.Value + ports,
                backend.CodeChars(program), program.Kernels.Length, program.Steps.Length, Regions(scheduled, program),
                    Fingerprint(program));
        }
        catch (NnccException e)
        {
            return new StrategyPrediction(target.Name, target, target.IsMeasured, compiler.Options.Strategy, e.Faults[0].Message, 0, 0, 0,
                0, 0, 0, [], "");
        }
    }

    /// <summary>What tells a program from others: the digest of its text.</summary>
    internal static string Fingerprint(ModelProgram program) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ProgramPrinter.Print(program))))[..16];

    /// <summary>The regions of a program in the order of their calls.</summary>
    /// <param name="scheduled">The graph that it was built from.</param>
    /// <param name="program">The program.</param>
    /// <param name="microseconds">Measured times of its steps; null where nothing was measured.</param>
    internal static ImmutableArray<PredictedRegion> Regions(Graph scheduled, ModelProgram program, double[]? microseconds = null) =>
        [.. program.Steps.Index().GroupBy(s => s.Item.Node).Where(g => g.Key >= 0).Select(steps => new PredictedRegion(
            [.. steps.First().Item.Origin.Nodes.Order(StringComparer.Ordinal)], ((Fusion)scheduled.Find(steps.Key)!.Op).Schedule!,
            steps.Sum(s => s.Item.Cost.TotalNs) / 1000, microseconds is null ? null : steps.Sum(s => microseconds[s.Index])))];
}
