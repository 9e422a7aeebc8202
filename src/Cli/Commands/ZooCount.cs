using System.Globalization;
using Nncc.Backends;
using Nncc.Backends.Models;
using Nncc.Passes.Counting;
using Nncc.Zoo;

namespace Nncc.Cli.Commands;

/// <summary>What an architecture of the zoo costs, without making its weights.</summary>
internal static class ZooCount
{
    /// <summary>Prints the count and the time for each target.</summary>
    public static ExitCode Print(Invocation call, Architecture architecture, Model model)
    {
        var compiler = new Compiler();
        var count = StageCounts.At(compiler, model, StageCounts.Stages[0], new CountOptions(), call.Cancellation);
        var latencies = call.Output.Busy("predicting", _ => TargetLatencies.Of(compiler, model, call.Cancellation));
        call.Output.Line($"{architecture.Name}, input {model.Graph[model.Graph.Inputs[0].Value].Type}");
        call.Output.Line();
        var figures = new TextTable("figure", ">value", "what it is");
        figures.Add("parameters", CountTable.Figure(count.Parameters.Trainable), "weights and biases");
        figures.Add("MACs", CountTable.Figure(count.Totals.Macs), "multiply-accumulates of products");
        figures.Add("FLOPs", CountTable.Figure(count.Totals.Flops), "2 for each MAC");
        figures.Add("other operations", CountTable.Figure(count.Totals.Arithmetic), "1 each");
        figures.Add("activations", CountTable.Figure(count.Totals.Activations), "elements of all results");
        call.Output.Table(figures);
        call.Output.Line();
        var targets = new TextTable("target", ">ms at least", "of");
        foreach (var latency in latencies)
            targets.Add(latency.Target, (latency.Nanoseconds / 1e6).ToString("0.000", CultureInfo.InvariantCulture),
                $"the {latency.Stage} graph on one core, by the roofline");
        call.Output.Table(targets);
        call.Output.Json(new
        {
            name = architecture.Name, parameters = count.Parameters.Trainable, macs = count.Totals.Macs.Value,
            flops = count.Totals.Flops.Value, activations = count.Totals.Activations.Value,
            targets = latencies.Select(l => new { name = l.Target, ms = l.Nanoseconds / 1e6 }),
        });
        return ExitCode.Ok;
    }
}
