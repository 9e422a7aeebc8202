using System.Globalization;
using System.Text;
using Nncc.Backends.Benchmarks;
using Nncc.IR;

namespace Nncc.Bench;

/// <summary>Trials of models as CSV: one line for each, and one without a workload for each model.</summary>
internal static class TrialFile
{
    private const string Head = "model,workload,nodes,schedule,chosen,predicted us,measured us";

    /// <summary>The file.</summary>
    public static string Print(IEnumerable<(string Model, ModelTrial Trial)> models)
    {
        var text = new StringBuilder(Head).Append('\n');
        foreach (var (model, of) in models)
        {
            Line(text, model, "", "", "", true, of.PredictedMs * 1000, of.MeasuredMs * 1000);
            foreach (var trial in of.Trials)
                Line(text, model, trial.Workload, trial.Nodes, trial.Schedule.ToString(), trial.IsChosen, trial.PredictedUs,
                    trial.MeasuredUs);
        }
        return text.ToString();
    }

    /// <summary>Trials and milliseconds by model.</summary>
    /// <param name="text">The content of a file.</param>
    public static Dictionary<string, (double Ms, List<ScheduleTrial> Trials)> Read(string text)
    {
        var models = new Dictionary<string, (double Ms, List<ScheduleTrial> Trials)>(StringComparer.Ordinal);
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l != Head))
        {
            string[] cells = [.. Cells(line)];
            double predicted = double.Parse(cells[5], CultureInfo.InvariantCulture);
            double measured = double.Parse(cells[6], CultureInfo.InvariantCulture);
            if (cells[1].Length == 0) models[cells[0]] = (measured / 1000, []);
            else models[cells[0]].Trials.Add(new(cells[1], cells[2], Schedule.Parse(cells[3]), bool.Parse(cells[4]), predicted, measured));
        }
        return models;
    }

    private static void Line(StringBuilder text, string model, string workload, string nodes, string schedule, bool isChosen,
        double predicted, double measured) =>
        text.Append(string.Create(CultureInfo.InvariantCulture,
            $"{Quoted(model)},{Quoted(workload)},{Quoted(nodes)},{Quoted(schedule)},{isChosen},{predicted:0.####},{measured:0.####}\n"));

    private static string Quoted(string text) => $"\"{text.Replace("\"", "\"\"")}\"";

    // Quotes stand around cells, and twice inside of them.
    private static IEnumerable<string> Cells(string line)
    {
        var cell = new StringBuilder();
        bool isQuoted = false;
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && isQuoted && i + 1 < line.Length && line[i + 1] == '"') cell.Append(line[++i]);
            else if (line[i] == '"') isQuoted = !isQuoted;
            else if (line[i] == ',' && !isQuoted)
            {
                yield return cell.ToString();
                cell.Clear();
            }
            else cell.Append(line[i]);
        }
        yield return cell.ToString();
    }
}
