using System.Collections.Immutable;
using Nncc.Backends.Benchmarks;
using Nncc.Backends.Models;
using Nncc.Passes.Targets;

namespace Nncc.Backends.Comparison;

/// <summary>Times the programs of predictions on this machine.</summary>
public static class StrategyMeasurement
{
    /// <summary>How far the 90th percentile of times on a quiet machine lies above the median, at most.</summary>
    internal const double MostSpread = 0.15;

    /// <summary>
    /// The predictions with times where this machine runs the target: the programs of one target in turns, measured again where the machine
    /// was not quiet.
    /// </summary>
    /// <param name="compiler">The compiler; its target and strategy are not asked for.</param>
    /// <param name="model">The model as read, its sizes bound by the options.</param>
    /// <param name="predictions">What is measured.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellation">Ends it.</param>
    public static ImmutableArray<StrategyPrediction> Measure(Compiler compiler, Model model, ImmutableArray<StrategyPrediction> predictions,
        BenchmarkOptions options, CancellationToken cancellation = default)
    {
        compiler = compiler.With(compiler.Options with { Notify = null });
        var specialized = compiler.Specialize(model, cancellation);
        var inputs = TestDataSet.Random(specialized.Graph, options.Seed).Inputs;
        var result = predictions.ToArray();
        foreach (var group in predictions.Index()
            .Where(p => p.Item is { Fault: null, Machine: { } machine } && HostTarget.Runs(machine)).GroupBy(p => p.Item.Machine!))
        {
            options.Progress?.Invoke($"measuring {group.Key.Name}");
            int[] places = [.. group.Select(p => p.Index)];
            var engines = new List<Contestant>();
            try
            {
                foreach (int place in places)
                    engines.Add(new CompiledContestant(StrategyComparison.For(compiler, group.Key.Name, predictions[place].Strategy),
                        specialized, inputs, options.Clock, cancellation));
                var probe = new MachineProbe(group.Key, options.Clock);
                var blocks = Blocks();
                if (IsUnsure(blocks)) blocks = Blocks();
                var counted = blocks.Counted.ToList();
                for (int i = 0; i < places.Length; i++)
                    result[places[i]] = result[places[i]] with
                    {
                        Measured = new MeasuredTime(RunTimes.Of(counted.SelectMany(times => times[i])), IsUnsure(blocks)),
                    };
                if (options.HasLayers)
                {
                    var regions = RegionTimes.Measure([.. places.Select(p => StrategyComparison.For(compiler, group.Key.Name,
                        predictions[p].Strategy))], specialized, inputs, options.Clock, cancellation);
                    for (int i = 0; i < places.Length; i++) result[places[i]] = result[places[i]] with { Regions = regions[i] };
                }

                AlternatingBlocks Blocks()
                {
                    var measured = new AlternatingBlocks(engines, options, () => probe.Peak().Mean);
                    measured.Measure(cancellation);
                    return measured;
                }
            }
            finally
            {
                foreach (var engine in engines) engine.Dispose();
            }
        }
        return StrategyComparison.WithDifferences([.. result]);

        bool IsUnsure(AlternatingBlocks blocks) => blocks.IsDisturbed || blocks.Counted.SelectMany(times => times.Index())
            .GroupBy(t => t.Index, t => t.Item).Select(t => RunTimes.Of(t.SelectMany(x => x))).Any(t => t.P90Ms > t.MedianMs * (1
                + MostSpread));
    }
}
