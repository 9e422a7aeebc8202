using System.Collections.Immutable;
using Nncc.Backends.Benchmarks;

namespace Nncc.Cli.Commands;

/// <summary>A benchmark for machines.</summary>
internal static class BenchJson
{
    /// <summary>The fields.</summary>
    public static ImmutableArray<JsonField> Fields =>
    [
        new("bundle", "the folder of a project that was written, and nothing else (with --bundle)"),
        new("files[].path", "a file of it, relative to the folder"),
        new("files[].bytes", "its size in bytes"),
        new("model", "name of the model"),
        new("target", "the target of the emitted C#"),
        new("threads", "threads of each engine"),
        new("ratio", "onnxruntime's median time over nncc's; null where it was not measured"),
        new("ratioLow", "the ratio that one of ten rounds stays below"),
        new("ratioHigh", "the ratio that one of ten rounds exceeds"),
        new("ratioOfMinima", "onnxruntime's shortest time over nncc's"),
        new("engines[].engine", "nncc or onnxruntime"),
        new("engines[].medianMs", "median time of a run in milliseconds"),
        new("engines[].p90Ms", "the time that nine of ten runs do not exceed"),
        new("engines[].minMs", "the shortest"),
        new("engines[].runs", "runs that count"),
        new("engines[].allocatedBytes", "bytes that a run allocates on .NET's heap"),
        new("engines[].compileMs", "milliseconds from the model as read to code"),
        new("engines[].loadMs", "milliseconds of loading"),
        new("engines[].firstRunMs", "milliseconds of the first run"),
        new("engines[].error", "max|a-b| / max|b| of the worst output against the wide evaluation; null with --no-errors"),
        new("engines[].rmsError", "root mean square of a-b over that of b, of the worst output; null with --no-errors"),
        new("rounds.count", "rounds of a block of each engine"),
        new("rounds.rejected", "rounds during which the machine's peak moved by more than 3 %"),
        new("rounds.disturbed", "whether those count nevertheless, since the machine was not quiet for long enough"),
        new("rounds.leastPeakGflops", "lowest peak of one core during the rounds, in GFLOP/s"),
        new("rounds.mostPeakGflops", "highest"),
        new("machine.processor", "the processor"),
        new("machine.cores", "processors that the process may use"),
        new("machine.system", "the operating system"),
        new("machine.runtime", "the runtime"),
        new("machine.onnxruntime", "version of ONNX Runtime; null where it was not measured"),
        new("layers", "null without --layers"),
        new("layers.peakGflops", "multiply-adds from registers alone, in GFLOP/s"),
        new("layers.bandwidths[]", "reading from each cache and from memory, in GB/s"),
        new("layers.boundMs", "milliseconds of the bounds of all layers"),
        new("layers.share", "that over the median time"),
        new("layers.rows[].nodes[]", "ONNX nodes of a layer"),
        new("layers.rows[].ops", "its ops"),
        new("layers.rows[].kernels[]", "kernels that compute it"),
        new("layers.rows[].us", "median time in microseconds"),
        new("layers.rows[].share", "of all layers"),
        new("layers.rows[].gflops", "operations by definition, in 1e9 a second"),
        new("layers.rows[].boundUs", "microseconds that it takes at least"),
        new("layers.rows[].bound", "what bounds it: compute, L1, L2, L3 or memory"),
        new("layers.rows[].shareOfBound", "the bound over the time"),
        new("items[].engine", "nncc or onnxruntime (with --items)"),
        new("items[].batch", "items of a run"),
        new("items[].threads", "threads of an instance"),
        new("items[].instances", "instances at the same time"),
        new("items[].perSecond", "items a second; null where the engine does not take the batch"),
        new("items[].reason", "why not; null where it does"),
    ];

    /// <summary>A report as JSON.</summary>
    /// <param name="name">The model.</param>
    /// <param name="report">The report.</param>
    /// <param name="top">How many of the longest layers.</param>
    /// <param name="version">Version of ONNX Runtime; null where it was not measured.</param>
    public static object Of(string name, BenchmarkReport report, int top, string? version) => new
    {
        model = name, target = report.Target.Name, threads = report.Threads, ratio = report.Ratio?.Median, ratioLow = report.Ratio?.Low,
        ratioHigh = report.Ratio?.High, ratioOfMinima = report.Ratio?.OfMinima,
        engines = report.Engines.Select(e => new
        {
            engine = e.Engine, medianMs = e.Times.MedianMs, p90Ms = e.Times.P90Ms, minMs = e.Times.MinMs, runs = e.Times.Runs,
            allocatedBytes = e.AllocatedBytes, compileMs = e.CompileMs, loadMs = e.LoadMs, firstRunMs = e.FirstRunMs, error = e.Error,
            rmsError = e.RmsError,
        }),
        rounds = new
        {
            count = report.Rounds.Count, rejected = report.Rounds.Rejected, disturbed = report.Rounds.IsDisturbed,
            leastPeakGflops = report.Rounds.LeastPeak, mostPeakGflops = report.Rounds.MostPeak,
        },
        machine = new
        {
            processor = MachineDescription.Processor, cores = MachineDescription.Cores, system = MachineDescription.System,
            runtime = MachineDescription.Runtime, onnxruntime = version,
        },
        layers = report.Layers is not { } layers ? null : new
        {
            peakGflops = layers.PeakGFlops, bandwidths = layers.Bandwidths, boundMs = layers.BoundMs, share = layers.Share,
            rows = layers.Layers.OrderByDescending(l => l.Microseconds).Take(top).Select(l => new
            {
                nodes = l.Nodes, ops = l.Ops, kernels = l.Kernels, us = l.Microseconds, share = l.Share, gflops = l.GFlops,
                boundUs = l.BoundMicroseconds, bound = l.Bound, shareOfBound = l.ShareOfBound,
            }),
        },
        items = report.Items.Select(i => new
        {
            engine = i.Engine, batch = i.Batch, threads = i.Threads, instances = i.Instances, perSecond = i.PerSecond, reason = i.Reason,
        }),
    };
}
