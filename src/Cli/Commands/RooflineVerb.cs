using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Nncc.Backends;
using Nncc.Backends.Models;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Counting;

namespace Nncc.Cli.Commands;

/// <summary>What bounds each layer of a model on a machine.</summary>
internal sealed class RooflineVerb : Verb
{
    private readonly ModelOptions model = new();
    private readonly Option<string?> sweep = new("--sweep")
    {
        Description = "The totals for a range of sizes: batch=1..32 doubles, resolution=128..384 goes by 32, NAME=1..9:2 binds a symbol",
        HelpName = "NAME=FROM..TO[:STEP]",
    };
    private readonly Option<string?> stage = new("--stage")
    {
        Description = $"Layers are the nodes at this stage: {string.Join(", ", StageCounts.Stages)}; by default the last one that the "
            + $"model "
            + "gets to", HelpName = "NAME",
    };
    private readonly Option<int?> top = new("--top") { Description = "Show the N longest layers", HelpName = "N" };
    private readonly Option<bool> csv = new("--csv") { Description = "Print the rows as CSV" };

    public RooflineVerb() : base("roofline", "Show what bounds each layer on a target, and the time that it takes at least") =>
        Takes([model.Model, sweep, stage, top, csv, .. model.Sizes, .. model.Lowering]);

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
    [
        new("nncc roofline resnet50.onnx --target cpu-avx2 --top 10", "the ten layers that take longest"),
        new("nncc roofline resnet50.onnx --sweep batch=1..32", "how time and intensity grow with the batch"),
        new("nncc roofline mobilenet_v2.onnx --sweep resolution=128..384:64 --csv", "and with the resolution"),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("target", "the machine"),
        new("stage", "the stage whose nodes are the layers"),
        new("totalMs", "milliseconds of all layers on one core, a lower bound"),
        new("rows[].name", "a layer"),
        new("rows[].op", "its op"),
        new("rows[].bound", "compute, L1, L2, L3, memory, or call"),
        new("rows[].ms", "milliseconds at least"),
        new("rows[].share", "of the whole"),
        new("rows[].computeMs", "milliseconds of arithmetic alone"),
        new("rows[].memoryMs", "milliseconds of traffic alone"),
        new("rows[].gflops", "operations a second that are attainable, in 1e9"),
        new("sweep[].value", "a value of the range (with --sweep)"),
        new("sweep[].macs", "multiply-accumulates"),
        new("sweep[].activations", "elements of results"),
        new("sweep[].bytes", "bytes read and written"),
        new("sweep[].peakBytes", "bytes of the static memory plan"),
        new("sweep[].intensity", "FLOPs for each byte"),
        new("sweep[].ms", "milliseconds at least"),
        new("sweep[].gflops", "operations a second that are attainable, in 1e9"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        if (call.Get(top) is < 1) throw new NnccException(FaultCodes.Usage, $"{call.Get(top)} is no number of rows", "--top", "1 or more");
        var range = call.Get(sweep) is { } text ? ModelSweep.Parse(text) : null;
        var compiler = model.Compiler(call);
        var read = model.Read(call, compiler, needsContent: false);
        if (range is not null) return Sweep(call, compiler, read, range);
        var (chosen, count) = Last(call, compiler, wanted => StageCounts.At(compiler, read, wanted, new CountOptions(), call.Cancellation));
        var roofline = Roofline.Of(count, compiler.Target);
        int shown = call.Get(top) ?? int.MaxValue;
        if (call.Get(csv)) PrintCsv(call.Output, roofline, shown);
        else PrintTable(call.Output, count, roofline, chosen, shown);
        call.Output.Json(new
        {
            target = compiler.Target.Name, stage = chosen, totalMs = roofline.TotalNs / 1e6,
            rows = roofline.Rows.Take(shown).Select(row => new
            {
                name = row.Node.Name, op = row.Node.Label, bound = row.Bound, ms = row.TotalNs / 1e6,
                share = row.TotalNs / roofline.TotalNs, computeMs = row.ComputeNs / 1e6, memoryMs = row.MemoryNs / 1e6, gflops = Speed(row),
            }),
        });
        return ExitCode.Ok;
    }

    private ExitCode Sweep(Invocation call, Compiler compiler, Model read, ModelSweep range)
    {
        var rows = range.Values.Select(value =>
        {
            var (_, count) = Last(call, compiler, wanted => range.At(compiler, read, value, wanted, call.Cancellation));
            return (Value: value, Count: count, Ns: Roofline.Of(count, compiler.Target).TotalNs);
        }).ToList();
        var table = new TextTable($">{range.Name}", ">MACs", ">FLOPs", ">activations", ">bytes", ">peak memory", ">FLOPs/byte", ">ms",
            ">GFLOP/s");
        foreach (var (value, count, ns) in rows)
            table.Add($"{value}", CountTable.Figure(count.Totals.Macs), CountTable.Figure(count.Totals.Flops),
                CountTable.Figure(count.Totals.Activations), CountTable.Figure(count.Totals.Bytes), Sizes.Count(count.PeakBytes ?? 0),
                CountTable.Ratio(count.Totals.Intensity), Ms(ns), Speed(count, ns));
        if (call.Get(csv))
        {
            call.Output.Line($"{range.Name},macs,flops,activations,bytes,peak_bytes,ms");
            foreach (var (value, count, ns) in rows)
                call.Output.Line($"{value},{count.Totals.Macs},{count.Totals.Flops},{count.Totals.Activations},{count.Totals.Bytes},"
                    + $"{count.PeakBytes},{Ms(ns)}");
        }
        else
        {
            call.Output.Line($"{read.Graph.Name} on one core of {compiler.Target.Name}, milliseconds at least");
            call.Output.Line();
            call.Output.Table(table);
        }
        call.Output.Json(new
        {
            target = compiler.Target.Name,
            sweep = rows.Select(row => new
            {
                value = row.Value, macs = row.Count.Totals.Macs.Value, activations = row.Count.Totals.Activations.Value,
                bytes = row.Count.Totals.Bytes.Value, peakBytes = row.Count.PeakBytes, intensity = row.Count.Totals.Intensity,
                ms = row.Ns / 1e6, gflops = row.Count.Totals.Operations.Value / row.Ns,
            }),
        });
        return ExitCode.Ok;
    }

    // The count at the wanted stage, or at the last one that the model gets to; the user hears of those that it does not get to.
    private (string Stage, ModelCount Count) Last(Invocation call, Compiler compiler, Func<string, ModelCount> count)
    {
        if (call.Get(stage) is { } wanted) return (wanted, count(wanted));
        foreach (string next in StageCounts.Stages.Reverse())
            try
            {
                return (next, count(next));
            }
            catch (NnccException e) when (next != StageCounts.Stages[0] && e.Faults.All(f => f.Code.Exit == ExitCode.Unsupported))
            {
                call.Output.Notice(new Notice("roofline", $"the model is not counted as {next}: {e.Faults[0].Message}", e.Faults[0].Place));
            }
        throw new InvalidOperationException("the first stage gives a count or a fault");
    }

    private static void PrintTable(Output output, ModelCount count, Roofline roofline, string stage, int shown)
    {
        var target = roofline.Target;
        output.Line($"{count.Name}, {stage}, on one core of {target.Name}: peak {Text(target.PeakGFlops)} GFLOP/s, "
            + $"{string.Join(", ", target.Caches.Select((c, i) => $"L{i + 1} {Text(c.GBs)}"))}, memory {Text(target.MemoryGBs)} GB/s");
        output.Line($"at least {Ms(roofline.TotalNs)} ms, {Speed(count, roofline.TotalNs)} GFLOP/s");
        output.Line();
        var bounds = new TextTable("bound by", ">layers", ">ms", ">share");
        foreach (var group in roofline.Rows.GroupBy(row => row.Bound).OrderByDescending(g => g.Sum(row => row.TotalNs)))
            bounds.Add(group.Key, $"{group.Count()}", Ms(group.Sum(row => row.TotalNs)),
                Share(group.Sum(row => row.TotalNs), roofline.TotalNs));
        output.Table(bounds);
        output.Line();
        var table = new TextTable("layer", "op", ">operations", ">bytes", ">ops/byte", "bound", ">ms", ">share", ">GFLOP/s");
        foreach (var row in roofline.Rows.Take(shown))
        {
            table.Add(row.Node.Name, row.Node.Label, CountTable.Figure(row.Node.Operations), CountTable.Figure(row.Node.Bytes),
                CountTable.Ratio((double)row.Node.Operations.Value!.Value / Math.Max(1, row.Node.Bytes.Value!.Value)), row.Bound,
                Ms(row.TotalNs), Share(row.TotalNs, roofline.TotalNs), Text(Speed(row)));
            if (row.TotalNs * 10 >= roofline.TotalNs) table.Mark(RowMark.Hot); // a tenth and more
        }
        output.Table(table);
        if (roofline.Rows.Length > shown) output.Line($"{roofline.Rows.Length - shown} more");
        CountReport.PrintGaps(output, count);
    }

    private static void PrintCsv(Output output, Roofline roofline, int shown)
    {
        output.Line("layer,op,operations,bytes,bound,compute_ms,memory_ms,ms,share");
        foreach (var row in roofline.Rows.Take(shown))
            output.Line(string.Join(',', CountTable.Quoted(row.Node.Name), CountTable.Quoted(row.Node.Label),
                $"{row.Node.Operations}", $"{row.Node.Bytes}", row.Bound, Ms(row.ComputeNs), Ms(row.MemoryNs), Ms(row.TotalNs),
                (row.TotalNs / roofline.TotalNs).ToString("0.0000", CultureInfo.InvariantCulture)));
    }

    private static double Speed(RooflineRow row) => row.Node.Operations.Value!.Value / row.TotalNs;

    private static string Speed(ModelCount count, double ns) => ns > 0 ? Text(count.Totals.Operations.Value!.Value / ns) : "0";

    private static string Ms(double ns) => (ns / 1e6).ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Text(double number) => number.ToString("0.0", CultureInfo.InvariantCulture);

    private static string Share(double part, double whole) => (100 * part / whole).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
