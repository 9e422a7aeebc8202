using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Nncc.Backends;
using Nncc.Backends.Benchmarks;
using Nncc.Backends.Comparison;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Cli.Commands;

/// <summary>Compares fusion strategies on several targets.</summary>
internal sealed class CompareVerb : Verb
{
    private readonly ModelOptions model = new(HostTarget.Name);
    private readonly Option<string> targets = new("--targets")
    {
        Description = "Targets, and runtimes that ONNX is written for, names between commas; all targets by default", HelpName = "NAMES",
            DefaultValueFactory = _ => "",
    };
    private readonly Option<string> strategies = new("--strategies")
    {
        Description = "Fusion strategies, names between commas", HelpName = "NAMES",
        DefaultValueFactory = _ => string.Join(',', FusionStrategies.Shipped.Select(s => s.Name)),
    };
    private readonly Option<bool> measure = new("--measure") { Description = "Measure what this machine runs, beside the predictions" };
    private readonly Option<double> seconds = new("--seconds")
    {
        Description = "Seconds that each program is measured at least", HelpName = "S", DefaultValueFactory = _ => 1,
    };
    private readonly Option<string?> measured = new("--measured")
    {
        Description = $"Show the times of a file that the project of \"nncc bench --bundle\" wrote on another machine", HelpName = "FILE",
    };
    private readonly Option<bool> regions = new("--regions")
    {
        Description = $"Also show which regions differ from those of the strategy {StrategyComparison.Base}, and why",
    };
    private readonly Option<string?> csv = new("--csv") { Description = "Also write the table as CSV", HelpName = "FILE" };

    public CompareVerb() : base("compare", "Compare fusion strategies on machines that need not be at hand") =>
        Takes([model.Model, targets, strategies, measure, seconds, measured, regions, csv, .. model.Sizes, .. model.Rewriting.All]);

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
    [
        new("nncc compare net.onnx --targets cpu-avx2,cpu-avx512,cpu-neon", "all strategies on three machines, predicted"),
        new("nncc compare net.onnx --targets host --measure --regions", "this machine, measured too, with what differs"),
        new("nncc compare net.onnx --strategies rules,cost --csv table.csv", "all targets, for a spreadsheet"),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("model", "name of the graph"),
        new("rows[].target", "the target"),
        new("rows[].strategy", "the strategy"),
        new("rows[].fault", "why there is no program for it; null where there is one"),
        new("rows[].isMeasured", "whether predictions for this target were ever compared with measurements"),
        new("rows[].predictedMs", "predicted milliseconds of a run on one core"),
        new("rows[].trafficBytes", "bytes that kernels move, from whichever level of memory"),
        new("rows[].memoryBytes", "bytes of weights, working memory, inputs and outputs"),
        new("rows[].codeChars", "characters of emitted source"),
        new("rows[].kernels", "different kernels"),
        new("rows[].steps", "calls of kernels in a run"),
        new("rows[].plan", "fingerprint of the program"),
        new("rows[].measuredMs", "measured median in milliseconds; null where it was not measured"),
        new("rows[].error", "the prediction over it, less 1; null where it was not measured"),
        new("rows[].isUnsure", "whether the machine was not quiet while it was measured"),
        new("rows[].differences[].nodes[]", $"ONNX nodes that are computed otherwise than under {StrategyComparison.Base}"),
        new("rows[].differences[].kernels[]", "what computes them"),
        new("rows[].differences[].others[]", $"what computes them under {StrategyComparison.Base}"),
        new("rows[].differences[].measuredUs", "measured microseconds; null where they were not measured (--measure --regions)"),
        new("rows[].differences[].otherMeasuredUs", $"the same under {StrategyComparison.Base}"),
        new("rows[].differences[].us", "predicted microseconds"),
        new("rows[].differences[].otherUs", $"predicted microseconds under {StrategyComparison.Base}"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        var compiler = model.Compiler(call);
        string[] machines = Names(call.Get(targets)!) is { Length: > 0 } given ? given : [.. compiler.Targets.All.Select(t => t.Name)];
        string[] kinds = Names(call.Get(strategies)!);
        Check(call, compiler, machines, kinds);
        var read = model.Read(call, compiler);
        var rows = call.Output.Busy("comparing", _ => StrategyComparison.Run(compiler, read, machines, kinds, call.Cancellation));
        if (call.Get(measure))
            rows = call.Output.Busy("measuring", told => StrategyMeasurement.Measure(compiler, read, rows, new BenchmarkOptions
            {
                Clock = TimeProvider.System, Runs = 10, Seconds = call.Get(seconds), HasLayers = call.Get(regions), Progress = told,
            }, call.Cancellation));
        if (call.Get(measured) is { } file) rows = BenchmarkBundle.Merge(rows, file);
        Print(call, rows);
        if (call.Get(csv) is { } path) Write(path, rows, call.Cancellation);
        call.Output.Json(Fields(read.Graph.Name, rows));
        return rows.All(r => r.Fault is not null) ? ExitCode.Unsupported : ExitCode.Ok;
    }

    private static string[] Names(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    // All that is wrong with the options at once.
    private void Check(Invocation call, Compiler compiler, string[] machines, string[] kinds)
    {
        var faults = new List<Fault>();
        foreach (string machine in machines.Where(m => compiler.Runtimes.Find(m) is null))
            Try(() => _ = compiler.With(compiler.Options with { Target = machine }).Target);
        foreach (string kind in kinds) Try(() => compiler.Strategies.Find(kind));
        if (kinds.Length == 0) faults.Add(new Fault(FaultCodes.Usage, "there is no strategy to compare", strategies.Name));
        if (!(call.Get(seconds) is > 0 and <= 1e6)) faults.Add(new Fault(FaultCodes.Usage, "seconds are more than 0", seconds.Name));
        if (faults.Count > 0) throw new NnccException([.. faults]);

        void Try(Action action)
        {
            try
            {
                action();
            }
            catch (NnccException e)
            {
                faults.AddRange(e.Faults);
            }
        }
    }

    private void Print(Invocation call, ImmutableArray<StrategyPrediction> rows)
    {
        bool isMeasured = rows.Any(r => r.Measured is not null);
        var table = new TextTable(["target", "strategy", ">predicted ms", .. isMeasured ? [">measured ms", ">error"]
            : Array.Empty<string>(),
            ">traffic MB", ">memory MB", ">code kB", ">kernels", ">steps"]);
        foreach (var row in rows)
        {
            table.Add([row.Target + (row.IsKnown ? "" : " *"), row.Strategy, Number(row, row.PredictedMs, "0.000"),
                .. isMeasured ? [Measured(row), row.Error is { } error ? error.ToString("+0%;-0%", CultureInfo.InvariantCulture) : ""]
                    : Array.Empty<string>(), Number(row, row.TrafficBytes / 1e6, "0.00"),
                Number(row, row.MemoryBytes / 1e6, "0.00"), row.Machine is null ? "" : Number(row, row.CodeChars / 1e3, "0"),
                row.Machine is null ? "" : Number(row, row.Kernels, "0"),
                Number(row, row.Steps, "0")]);
            if (rows.Where(r => r.Target == row.Target && r.Fault is null).MinBy(r => r.PredictedMs) == row) table.Mark(RowMark.Strong);
        }
        call.Output.Table(table);
        if (rows.Any(r => !r.IsKnown))
            call.Output.Line("* never measured: predictions for these targets were not compared with any machine of theirs");
        foreach (var row in rows.Where(r => r.Fault is not null).DistinctBy(r => (r.Target, r.Fault)))
            call.Output.Line($"{row.Target}: {row.Fault}");
        if (call.Get(measure))
        {
            foreach (var target in rows.Where(r => r.Measured is null && r.Fault is null).Select(r => r.Target).Distinct())
                call.Output.Line($"{target}: this machine does not run it, so that it is predicted only");
            if (rows.Any(r => r.Measured is { IsUnsure: true }))
                call.Output.Line("? the machine was not quiet, even when this was measured again");
        }
        if (!call.Get(regions)) return;
        foreach (var row in rows.Where(r => !r.Differences.IsEmpty))
        {
            call.Output.Line();
            call.Output.Line($"{row.Target}, {row.Strategy}: {row.Differences.Length} region{(row.Differences.Length == 1 ? "" : "s")} "
                + $"otherwise than {StrategyComparison.Base}");
            foreach (var difference in row.Differences.OrderBy(d => d.Us - d.OtherUs))
            {
                call.Output.Line($"  {string.Join(" ", difference.Nodes)}: {difference.Reason}");
                call.Output.Line($"    {string.Join(" + ", difference.Kernels)}");
                call.Output.Line($"    for {string.Join(" + ", difference.Others)}");
            }
        }
    }

    private static string Measured(StrategyPrediction row) => row.Measured is { } measured
        ? measured.Times.MedianMs.ToString("0.000", CultureInfo.InvariantCulture) + (measured.IsUnsure ? " ?" : "") : "";

    private static string Number(StrategyPrediction row, double number, string format) =>
        row.Fault is null ? number.ToString(format, CultureInfo.InvariantCulture) : "-";

    private static void Write(string path, ImmutableArray<StrategyPrediction> rows, CancellationToken cancellation)
    {
        var lines = new List<string>
        {
            "target,strategy,predicted ms,measured ms,error,traffic bytes,memory bytes,code characters,kernels,steps,ever measured,plan",
        };
        foreach (var row in rows.Where(r => r.Fault is null))
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{row.Target},{row.Strategy},{row.PredictedMs},"
                + $"{row.Measured?.Times.MedianMs},{row.Error},{row.TrafficBytes},{row.MemoryBytes},{row.CodeChars},{row.Kernels},"
                + $"{row.Steps},"
                + $"{row.IsKnown},{row.Plan}"));
        ArtifactFolder.WriteBeside(new Artifact([ArtifactFile.OfText(Path.GetFileName(path), string.Join('\n', lines) + "\n")]), path,
            cancellation);
    }

    private static object Fields(string name, ImmutableArray<StrategyPrediction> rows) => new
    {
        model = name,
        rows = rows.Select(r => new
        {
            target = r.Target, strategy = r.Strategy, fault = r.Fault, isMeasured = r.IsKnown, predictedMs = r.PredictedMs,
            trafficBytes = r.TrafficBytes, memoryBytes = r.MemoryBytes, codeChars = r.CodeChars, kernels = r.Kernels, steps = r.Steps,
            plan = r.Plan, measuredMs = r.Measured?.Times.MedianMs, error = r.Error, isUnsure = r.Measured?.IsUnsure ?? false,
            differences = r.Differences.Select(d => new
            {
                nodes = d.Nodes, kernels = d.Kernels, others = d.Others, us = d.Us, otherUs = d.OtherUs,
                measuredUs = d.MeasuredUs, otherMeasuredUs = d.OtherMeasuredUs,
            }),
        }),
    };
}
