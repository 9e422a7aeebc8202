using System.Collections.Immutable;
using System.Globalization;
using Nncc.Backends.Models;
using Nncc.Passes.Counting;

namespace Nncc.Cli.Commands;

/// <summary>A count for people: totals with their units, the table, other conventions, stages, and what was left out.</summary>
internal static class CountReport
{
    /// <summary>Prints it.</summary>
    public static void Print(Output output, ModelCount count, TextTable rows, ImmutableArray<CountConvention> conventions,
        ImmutableArray<StageCount> stages)
    {
        output.Line($"{count.Name}: {Sizes.Count(count.Totals.Nodes)} nodes counted, figures for one run");
        output.Line();
        output.Table(Totals(count));
        if (!conventions.IsEmpty)
        {
            output.Line();
            output.Table(Conventions(count, conventions));
        }
        if (!stages.IsEmpty)
        {
            output.Line();
            output.Table(Stages(stages));
            foreach (var stage in stages.Where(s => s.Count is null))
                foreach (var fault in stage.Faults) output.Line($"not counted at {stage.Stage}: {fault.Message}");
        }
        output.Line();
        output.Table(rows);
        PrintGaps(output, count);
    }

    private static TextTable Totals(ModelCount count)
    {
        var totals = count.Totals;
        var table = new TextTable("figure", ">value", "what it is");
        Add("MACs", totals.Macs, "multiply-accumulates of products");
        Add("FLOPs", totals.Flops, "2 for each MAC");
        if (!totals.IntegerMacs.Equals(Dim.Of(0))) Add("integer MACs", totals.IntegerMacs, "multiply-accumulates of integer products");
        Add("other operations", totals.Arithmetic, "1 for each + - * / compare and elementary function");
        Add("operations", totals.Operations, "2 for each MAC of floats and integers, and the others");
        var parameters = count.Parameters;
        Add("parameters", parameters.Trainable,
            $"{Sizes.Count(parameters.Weights)} weights and {Sizes.Count(parameters.Biases)} biases, "
                + $"{Sizes.Text(parameters.TrainableBytes)}");
        if (parameters.Shared > 0)
            Add("parameters used", parameters.Used, $"each at every use; {Sizes.Count(parameters.Shared)} are shared");
        if (parameters.Statistics > 0) Add("statistics", parameters.Statistics, "running means and variances");
        Add("other constants", parameters.Others, "shapes, indices, scales and the like");
        Add("activations", totals.Activations, "elements of all results");
        Add("bytes", totals.Bytes, $"{CountTable.Figure(totals.BytesIn)} read and {CountTable.Figure(totals.BytesOut)} written, each node "
            + "for itself");
        table.Add("intensity", CountTable.Ratio(totals.Intensity), "FLOPs for each byte");
        table.Add("peak memory", count.PeakBytes is { } peak ? Sizes.Count(peak) : "open",
            $"bytes of the static plan, inputs ({CountTable.Figure(count.InputBytes)}) and outputs "
            + $"({CountTable.Figure(count.OutputBytes)}) included, weights not");
        if (count.Dead.Nodes > 0)
            Add("dead operations", count.Dead.Operations,
                $"in {Sizes.Count(count.Dead.Nodes)} nodes that no output depends on, "
                + (count.IncludesDead ? "included" : "not included"));
        return table;

        void Add(string figure, Dim value, string meaning) => table.Add(figure, CountTable.Figure(value), meaning);
    }

    private static TextTable Conventions(ModelCount count, ImmutableArray<CountConvention> conventions)
    {
        var table = new TextTable("as", ">figure", "unit", "the tool says", "what it counts");
        foreach (var convention in conventions)
            table.Add(convention.Name, CountTable.Figure(count.As(convention)), convention.Unit, convention.Printed, convention.Summary);
        return table;
    }

    private static TextTable Stages(ImmutableArray<StageCount> stages)
    {
        var counted = stages.Where(s => s.Count is not null).ToList();
        var table = new TextTable(["figure", .. counted.Select(s => $">{s.Stage}")]);
        Add("nodes", c => c.Totals.Nodes);
        Add("MACs", c => c.Totals.Macs);
        Add("FLOPs", c => c.Totals.Flops);
        Add("integer MACs", c => c.Totals.IntegerMacs);
        Add("other operations", c => c.Totals.Arithmetic);
        Add("parameters", c => c.Parameters.Trainable);
        Add("statistics", c => c.Parameters.Statistics);
        Add("bytes of constants", c => c.Parameters.Bytes);
        Add("activations", c => c.Totals.Activations);
        Add("bytes", c => c.Totals.Bytes);
        table.Add(["FLOPs/byte", .. counted.Select(s => CountTable.Ratio(s.Count!.Totals.Intensity))]);
        table.Add(["peak memory", .. counted.Select(s => s.Count!.PeakBytes is { } peak ? Sizes.Count(peak) : "open")]);
        table.Add(["program memory", .. counted.Select(s => s.ArenaBytes is { } arena ? Sizes.Count(arena) : "")]);
        return table;

        void Add(string figure, Func<ModelCount, Dim> value) =>
            table.Add([figure, .. counted.Select(s => CountTable.Figure(value(s.Count!)))]);
    }

    /// <summary>Prints what could not be counted, if anything.</summary>
    public static void PrintGaps(Output output, ModelCount count)
    {
        if (count.Uncounted.IsEmpty) return;
        output.Line();
        int nodes = count.Uncounted.Sum(gap => gap.Nodes);
        output.Line($"uncounted: {nodes} of {count.Rows.Length} nodes "
            + $"({(100.0 * nodes / count.Rows.Length).ToString("0.0", CultureInfo.InvariantCulture)} %)");
        foreach (var gap in count.Uncounted) output.Line($"  {gap.Nodes} x {gap.Op}: {gap.Reason}");
        if (count.Rows.Any(row => row.Gap == ModelCounter.UnknownRank))
            output.Line("ranks may be known where constants are folded: --stage canonical");
    }
}
