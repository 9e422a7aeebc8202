using System.Globalization;
using Nncc.Backends.Benchmarks;

namespace Nncc.Cli.Commands;

/// <summary>A benchmark for people.</summary>
internal static class BenchText
{
    /// <summary>Prints a report.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="name">The model.</param>
    /// <param name="report">The report.</param>
    /// <param name="top">How many of the longest layers.</param>
    public static void Print(Output output, string name, BenchmarkReport report, int top)
    {
        output.Line($"{name} on {report.Target.Name}, {Count(report.Threads, "thread")} ({MachineDescription.Processor})");
        output.Line();
        var table = new TextTable("engine", ">median ms", ">p90 ms", ">min ms", ">runs", ">bytes/run", ">error", ">rms error",
            ">compile ms", ">load ms", ">first run ms");
        foreach (var engine in report.Engines)
            table.Add(engine.Engine, Ms(engine.Times.MedianMs), Ms(engine.Times.P90Ms), Ms(engine.Times.MinMs), $"{engine.Times.Runs}",
                Number(engine.AllocatedBytes, "0.#"), Error(engine.Error), Error(engine.RmsError), Ms(engine.CompileMs), Ms(engine.LoadMs),
                Ms(engine.FirstRunMs));
        output.Table(table);
        output.Line();
        if (report.Ratio is { } ratio)
            output.Line($"ratio {Number(ratio.Median, "0.00")} (of rounds {Number(ratio.Low, "0.00")} to {Number(ratio.High, "0.00")}, of "
                + $"shortest times {Number(ratio.OfMinima, "0.00")}): onnxruntime's time over nncc's");
        Rounds(output, report.Rounds);
        if (report.Layers is { } layers) Layers(output, layers, top);
        if (!report.Items.IsEmpty) Items(output, report);
    }

    private static void Rounds(Output output, RoundReport rounds)
    {
        output.Line($"{Count(rounds.Count, "round")}, {rounds.Rejected} rejected since the peak moved; peak of a core "
            + $"{Number(rounds.LeastPeak, "0")} to {Number(rounds.MostPeak, "0")} GFLOP/s");
        if (rounds.IsDisturbed)
            output.Line("the machine was not quiet: rejected rounds count nevertheless, and the figures are those of a loaded machine");
    }

    private static void Layers(Output output, LayerReport report, int top)
    {
        output.Line();
        output.Line($"bound {Ms(report.BoundMs)} ms, {Percent(report.Share)} of the time; peak {Number(report.PeakGFlops, "0")} GFLOP/s"
            + $", reading {string.Join(", ", report.Bandwidths.Select(b => Number(b, "0")))} GB/s from caches and memory");
        output.Line();
        var table = new TextTable(">us", ">share", ">GFLOP/s", ">bound us", "by", ">of bound", "kernel", "ops", "nodes");
        foreach (var layer in report.Layers.OrderByDescending(l => l.Microseconds).Take(top))
            table.Add(Number(layer.Microseconds, "0.0"), Percent(layer.Share), Number(layer.GFlops, "0.0"),
                Number(layer.BoundMicroseconds, "0.0"), layer.Bound, Percent(layer.ShareOfBound), string.Join(" ", layer.Kernels),
                layer.Ops, string.Join(" ", layer.Nodes));
        output.Table(table);
    }

    private static void Items(Output output, BenchmarkReport report)
    {
        output.Line();
        var table = new TextTable("engine", ">batch", ">threads", ">instances", ">items/s");
        foreach (var rate in report.Items)
            table.Add(rate.Engine, $"{rate.Batch}", $"{rate.Threads}", $"{rate.Instances}",
                rate.PerSecond is { } perSecond ? Number(perSecond, "0.0") : rate.Reason!);
        output.Table(table);
    }

    private static string Count(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";

    private static string Percent(double share) => share.ToString("P0", CultureInfo.InvariantCulture).Replace(" ", "");

    private static string Ms(double milliseconds) =>
        Number(milliseconds, milliseconds < 1 ? "0.0000" : milliseconds < 100 ? "0.000" : "0.0");

    private static string Number(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);

    private static string Error(double? error) => error is { } known ? Sizes.Error(known) : "";
}
