using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Nncc.Backends.Benchmarks;

namespace Nncc.Bench;

/// <summary>How well predictions fit measurements: the order of schedules of the same work, and what the predicted best one
/// loses.</summary>
internal sealed class CostStudy
{
    // Pairs of times that differ by less are equal on a machine that is not quiet.
    private const double LeastDifference = 0.03;

    private readonly Dictionary<string, List<ScheduleTrial>> workloads = new(StringComparer.Ordinal);

    private readonly List<(BenchModel Model, ModelTrial Trial)> models = [];

    /// <summary>Adds the trials of a model; those of work that is known already are left out.</summary>
    public void Add(BenchModel model, ModelTrial trial)
    {
        models.Add((model, trial));
        foreach (var workload in trial.Trials.GroupBy(t => t.Workload))
            workloads.TryAdd(workload.Key, [.. workload.Where(t => t.Nodes == workload.First().Nodes)]);
    }

    /// <summary>All trials, one a line, and the models.</summary>
    public string Csv() => TrialFile.Print(models.Select(m => (m.Model.Name, m.Trial)));

    /// <summary>The figures as Markdown: all, and by template of the chosen schedule.</summary>
    public string Markdown()
    {
        var text = new StringBuilder("| kernels | workloads | pairs | ordered rightly | mean loss | worst loss | "
            + "predicted over measured |\n");
        text.Append("|---|---|---|---|---|---|---|\n");
        Row(text, "all", [.. workloads.Values]);
        foreach (var group in workloads.Values.GroupBy(w => w.First(t => t.IsChosen).Schedule.Template).OrderBy(g => g.Key,
            StringComparer.Ordinal)) Row(text, group.Key, [.. group]);
        text.Append("\n| model | predicted ms | measured ms | error | of MACs and activations |\n|---|---|---|---|---|\n");
        var fitted = models.Where(m => !m.Model.IsJudged).Select(m => m.Trial);
        var fit = LinearFit.Of([.. fitted.Select(t => (t.Macs, t.Activations, t.MeasuredMs))]);
        foreach (var (model, trial) in models)
            text.Append(string.Create(CultureInfo.InvariantCulture, $"| {model.Name}{(model.IsJudged ? "" : " (fitted)")} "
                + $"| {trial.PredictedMs:0.0000} | {trial.MeasuredMs:0.0000} | {Error(trial):+0%;-0%} | {OfFit(trial):+0%;-0%} |\n"));
        text.Append('\n');
        foreach (var group in models.GroupBy(m => m.Model.IsJudged).OrderBy(g => g.Key))
        {
            var trials = group.Select(m => m.Trial).ToList();
            text.Append(string.Create(CultureInfo.InvariantCulture,
                $"On the {trials.Count} models that {(group.Key ? "nothing" : "constants")} may be fitted to: median error "
                + $"{Median(trials.Select(Error)):0%}, worst {trials.Max(t => Math.Abs(Error(t))):0%}; of a fit by "
                + $"multiply-accumulates and activations {Median(trials.Select(OfFit)):0%}, worst {trials.Max(t => Math.Abs(OfFit(t))):0%}.\n"));
        }
        return text.ToString();

        double OfFit(ModelTrial trial) => fit.At(trial.Macs, trial.Activations) / trial.MeasuredMs - 1;

        static double Median(IEnumerable<double> errors) => RunTimes.Median(errors.Select(Math.Abs));
    }

    private static double Error(ModelTrial trial) => trial.PredictedMs / trial.MeasuredMs - 1;

    private static void Row(StringBuilder text, string name, IReadOnlyList<List<ScheduleTrial>> group)
    {
        long pairs = 0, right = 0;
        foreach (var trials in group)
            for (int i = 0; i < trials.Count; i++)
                for (int j = 0; j < i; j++)
                {
                    double measured = Math.Log(trials[i].MeasuredUs / trials[j].MeasuredUs);
                    if (!(Math.Abs(measured) >= Math.Log(1 + LeastDifference))) continue;
                    pairs++;
                    if (measured * (trials[i].PredictedUs - trials[j].PredictedUs) > 0) right++;
                }
        double[] losses = [.. group.Where(t => t.Count > 1)
            .Select(t => t.MinBy(x => x.PredictedUs)!.MeasuredUs / t.Min(x => x.MeasuredUs) - 1)];
        double[] ratios = [.. group.Select(t => t.First(x => x.IsChosen)).Select(t => t.PredictedUs / t.MeasuredUs).Order()];
        text.Append(string.Create(CultureInfo.InvariantCulture, $"| {name} | {group.Count} | {pairs} | {(pairs == 0 ? 1 : (double)right
            / pairs):0.0%} | {(losses.Length == 0 ? 0 : losses.Average()):0.0%} | {(losses.Length == 0 ? 0 : losses.Max()):0.0%} | "
            + $"{ratios[ratios.Length / 10]:0.00} / {ratios[ratios.Length / 2]:0.00} / {ratios[ratios.Length * 9 / 10]:0.00} |\n"));
    }
}
