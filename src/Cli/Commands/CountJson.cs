using System.Collections.Immutable;
using Nncc.Backends.Models;
using Nncc.Passes.Counting;

namespace Nncc.Cli.Commands;

/// <summary>A count for machines. Figures are numbers, or polynomials as text where sizes are open.</summary>
internal static class CountJson
{
    /// <summary>The fields.</summary>
    public static ImmutableArray<JsonField> Fields =>
    [
        new("name", "name of the graph"),
        new("stage", "the stage that was counted"),
        new("nodes", "nodes that were counted, those of bodies included"),
        new("macs", "multiply-accumulates of products of floats; a formula where sizes are open, as all figures"),
        new("flops", "2 for each of macs"),
        new("integerMacs", "multiply-accumulates of products of integers"),
        new("otherOperations", "other operations, 1 each"),
        new("operations", "2 for each of macs and integerMacs, and otherOperations"),
        new("activations", "elements of all results"),
        new("bytesRead", "bytes of operands, weights included, each node for itself"),
        new("bytesWritten", "bytes of results"),
        new("intensity", "flops (and integer products) for each byte; null while sizes are open"),
        new("peakBytes", "bytes of the static memory plan with inputs and outputs, without weights; null while sizes are open"),
        new("inputBytes", "bytes of the inputs"),
        new("outputBytes", "bytes of the outputs"),
        new("parameters.weights", "elements of weights, each constant once"),
        new("parameters.biases", "elements of biases"),
        new("parameters.statistics", "elements of running means and variances"),
        new("parameters.others", "elements of other constants"),
        new("parameters.trainable", "weights and biases"),
        new("parameters.used", "weights and biases, each at every use"),
        new("parameters.shared", "weights and biases that are used in several places, once"),
        new("parameters.trainableBytes", "bytes of weights and biases"),
        new("parameters.bytes", "bytes of all constants"),
        new("dead.nodes", "nodes that no output depends on"),
        new("dead.included", "whether they are in the totals"),
        new("dead.operations", "their operations"),
        new("uncounted[].op", "an op that could not be counted"),
        new("uncounted[].nodes", "how many nodes of it"),
        new("uncounted[].share", "their share of all nodes"),
        new("uncounted[].reason", "why"),
        new("as[].name", "a convention (with --as)"),
        new("as[].unit", "its unit"),
        new("as[].figure", "the total by it"),
        new("grouping", "what a row stands for: node, op or block"),
        new("rows[].name", "the node, op or block"),
        new("rows[].op", "op of a node; else empty"),
        new("rows[].nodes", "nodes"),
        new("rows[].macs", "multiply-accumulates"),
        new("rows[].flops", "2 for each"),
        new("rows[].integerMacs", "multiply-accumulates of integers"),
        new("rows[].otherOperations", "other operations"),
        new("rows[].parameters", "weights and biases among the operands"),
        new("rows[].activations", "elements of results"),
        new("rows[].bytesRead", "bytes of operands"),
        new("rows[].bytesWritten", "bytes of results"),
        new("rows[].intensity", "FLOPs for each byte, or null"),
        new("rows[].as", "by the convention, where one is given; or null"),
        new("stages[].stage", "a stage (with --before-after)"),
        new("stages[].nodes", "nodes; null where the model does not get there, as the other figures"),
        new("stages[].macs", "multiply-accumulates"),
        new("stages[].flops", "2 for each"),
        new("stages[].otherOperations", "other operations"),
        new("stages[].bytes", "bytes read and written"),
        new("stages[].peakBytes", "bytes of the static memory plan"),
        new("stages[].arenaBytes", "bytes of working memory of the emitted program, inputs and outputs apart; null but for the last stage"),
    ];

    /// <summary>The value.</summary>
    public static object Of(ModelCount count, string stage, string grouping, IEnumerable<object> rows,
        ImmutableArray<CountConvention> conventions, ImmutableArray<StageCount> stages)
    {
        var (totals, parameters) = (count.Totals, count.Parameters);
        return new
        {
            name = count.Name, stage, nodes = totals.Nodes, macs = Number(totals.Macs), flops = Number(totals.Flops),
            integerMacs = Number(totals.IntegerMacs), otherOperations = Number(totals.Arithmetic), operations = Number(totals.Operations),
            activations = Number(totals.Activations), bytesRead = Number(totals.BytesIn), bytesWritten = Number(totals.BytesOut),
            intensity = totals.Intensity, peakBytes = count.PeakBytes, inputBytes = Number(count.InputBytes),
            outputBytes = Number(count.OutputBytes),
            parameters = new
            {
                weights = parameters.Weights, biases = parameters.Biases, statistics = parameters.Statistics, others = parameters.Others,
                trainable = parameters.Trainable, used = parameters.Used, shared = parameters.Shared,
                trainableBytes = parameters.TrainableBytes, bytes = parameters.Bytes,
            },
            dead = new { nodes = count.Dead.Nodes, included = count.IncludesDead, operations = Number(count.Dead.Operations) },
            uncounted = count.Uncounted.Select(gap => new
            {
                op = gap.Op, nodes = gap.Nodes, share = (double)gap.Nodes / count.Rows.Length, reason = gap.Reason,
            }),
            @as = conventions.Select(c => new { name = c.Name, unit = c.Unit, figure = Number(count.As(c)) }),
            grouping, rows,
            stages = stages.Select(s => new
            {
                stage = s.Stage, nodes = s.Count?.Totals.Nodes, macs = Figure(s, c => c.Totals.Macs),
                flops = Figure(s, c => c.Totals.Flops),
                otherOperations = Figure(s, c => c.Totals.Arithmetic), bytes = Figure(s, c => c.Totals.Bytes),
                peakBytes = s.Count?.PeakBytes, arenaBytes = s.ArenaBytes,
            }),
        };
    }

    private static object Number(Dim figure) => CountTable.Number(figure);

    private static object? Figure(StageCount stage, Func<ModelCount, Dim> figure) =>
        stage.Count is null ? null : Number(figure(stage.Count));
}
