using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Nncc.Bench;

/// <summary>The results of a set as Markdown: the machine, a table for each group, geometric means, the worst layers.</summary>
/// <param name="day">When it was measured.</param>
internal sealed class ResultTable(DateTime day)
{
    private const int WorstLayers = 10;
    // A layer of a smaller share is no reason for anything.
    private const double LeastShare = 0.02;

    private readonly List<(BenchModel Model, JsonElement Result)> results = [];
    private readonly List<(BenchModel Model, string Reason)> refused = [];

    /// <summary>Adds what <c>nncc bench --json</c> printed of a model.</summary>
    public void Add(BenchModel model, JsonElement result) => results.Add((model, result));

    /// <summary>Adds a model that was not measured.</summary>
    public void Refused(BenchModel model, string reason) => refused.Add((model, reason));

    /// <summary>The text.</summary>
    public string Markdown()
    {
        var text = new StringBuilder();
        if (results.Count > 0) Head(text, results[0].Result);
        foreach (var group in results.GroupBy(r => r.Model.Group)) Group(text, group.Key, [.. group]);
        if (results.Any(r => IsDisturbed(r.Result)))
            text.Append("\\* the machine was not quiet: these figures are those of a loaded machine.\n\n");
        if (refused.Count > 0)
        {
            text.Append("Not measured:\n\n");
            foreach (var (model, reason) in refused) text.Append($"- {model.Name}: {reason}\n");
            text.Append('\n');
        }
        Worst(text);
        return text.ToString();
    }

    private void Head(StringBuilder text, JsonElement first)
    {
        var machine = first.GetProperty("machine");
        int threads = first.GetProperty("threads").GetInt32();
        text.Append(string.Create(CultureInfo.InvariantCulture, $"Measured on {day:yyyy-MM-dd}: {machine.GetProperty("processor")}, "
            + $"{machine.GetProperty("cores")} cores, {machine.GetProperty("system")}, {machine.GetProperty("runtime")}, ONNX Runtime "
            + $"{machine.GetProperty("onnxruntime")}; target {first.GetProperty("target")}, {threads} thread{(threads == 1 ? "" : "s")}, "
            + $"made-up or given inputs at the model's own batch. Times are medians in milliseconds; the ratio is ONNX Runtime's over "
            + $"nncc's.\n\n"));
    }

    private static void Group(StringBuilder text, string name, IReadOnlyList<(BenchModel Model, JsonElement Result)> rows)
    {
        text.Append($"| {name} | nncc | ONNX Runtime | ratio | of rounds | of bound | error (rms) | ONNX Runtime's | first run |\n");
        text.Append("|---|---|---|---|---|---|---|---|---|\n");
        foreach (var (model, result) in rows)
        {
            JsonElement nncc = result.GetProperty("engines")[0], other = result.GetProperty("engines")[1];
            text.Append($"| {model.Name}{(IsDisturbed(result) ? " \\*" : "")} | {Ms(nncc, "medianMs")} | {Ms(other, "medianMs")} "
                + $"| {Number(result.GetProperty("ratio"), "0.00")} | {Number(result.GetProperty("ratioLow"), "0.00")} to "
                + $"{Number(result.GetProperty("ratioHigh"), "0.00")} | {Number(result.GetProperty("layers").GetProperty("share"), "0%")} "
                + $"| {Number(nncc.GetProperty("rmsError"), "0.0e+0")} | {Number(other.GetProperty("rmsError"), "0.0e+0")} "
                + $"| {Ms(nncc, "firstRunMs")} |\n");
        }
        double[] ratios = [.. rows.Select(r => r.Result.GetProperty("ratio").GetDouble())];
        double mean = Math.Exp(ratios.Sum(Math.Log) / ratios.Length);
        text.Append(string.Create(CultureInfo.InvariantCulture, $"| geometric mean | | | {mean:0.00} | | | | | |\n\n"));
    }

    // The layers that lose most time to their bound, by their share of the model.
    private void Worst(StringBuilder text)
    {
        var layers = results.SelectMany(r => r.Result.GetProperty("layers").GetProperty("rows").EnumerateArray()
                .Select(row => (r.Model, Row: row)))
            .Where(l => Value(l.Row, "share") >= LeastShare)
            .OrderByDescending(l => Value(l.Row, "share") * (1 - Value(l.Row, "shareOfBound"))).Take(WorstLayers).ToList();
        if (layers.Count == 0) return;
        text.Append("The layers that lose most to their bounds:\n\n");
        text.Append("| model | nodes | ops | kernel | us | share | GFLOP/s | bound by | of bound |\n");
        text.Append("|---|---|---|---|---|---|---|---|---|\n");
        foreach (var (model, row) in layers)
            text.Append($"| {model.Name} | {Words(row.GetProperty("nodes"))} | {row.GetProperty("ops")} "
                + $"| {Words(row.GetProperty("kernels"))} | {Number(row.GetProperty("us"), "0.0")} "
                + $"| {Number(row.GetProperty("share"), "0%")} | {Number(row.GetProperty("gflops"), "0.0")} | {row.GetProperty("bound")} "
                + $"| {Number(row.GetProperty("shareOfBound"), "0%")} |\n");
    }

    private static bool IsDisturbed(JsonElement result) => result.GetProperty("rounds").GetProperty("disturbed").GetBoolean();

    private static string Words(JsonElement list) => string.Join(' ', list.EnumerateArray().Select(e => e.GetString()));

    private static double Value(JsonElement row, string field) => row.GetProperty(field).GetDouble();

    private static string Ms(JsonElement engine, string field) => engine.GetProperty(field).GetDouble() is var ms && ms < 1
        ? ms.ToString("0.0000", CultureInfo.InvariantCulture) : ms.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Number(JsonElement number, string format) => number.ValueKind == JsonValueKind.Number
        ? number.GetDouble().ToString(format, CultureInfo.InvariantCulture) : "";
}
