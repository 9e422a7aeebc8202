using System.Globalization;
using Nncc.Passes.Counting;

namespace Nncc.Cli.Commands;

/// <summary>Rows of a count as a table, as CSV and as JSON: the same columns in each.</summary>
/// <param name="grouping">What a row stands for: node, op or block.</param>
/// <param name="rows">The rows, the most expensive first.</param>
/// <param name="total">The sums of all rows, also of those that are not shown.</param>
/// <param name="convention">The convention of another counter that gets a column; null for none.</param>
internal sealed class CountTable(string grouping, IReadOnlyList<CountTable.Row> rows, CountTable.Row total, CountConvention? convention)
{
    /// <summary>A row.</summary>
    /// <param name="Name">Name of the group.</param>
    /// <param name="Op">The op, for a row that stands for a node; else empty.</param>
    /// <param name="Totals">The sums.</param>
    /// <param name="Parameters">Weights and biases among operands.</param>
    /// <param name="As">The figure of the convention.</param>
    internal sealed record Row(string Name, string Op, CountTotals Totals, long Parameters, Dim? As);

    /// <summary>The first rows for people, and a line for the rest and the total.</summary>
    public TextTable Text(int top)
    {
        bool isNode = grouping == "node", hasIntegers = !total.Totals.IntegerMacs.Equals(Dim.Of(0));
        var columns = new List<(string Heading, Func<Row, string> Cell)> { (grouping, row => row.Name) };
        if (isNode) columns.Add(("op", row => row.Op));
        else columns.Add((">nodes", row => Sizes.Count(row.Totals.Nodes)));
        columns.Add((">MACs", row => Figure(row.Totals.Macs)));
        columns.Add((">FLOPs", row => Figure(row.Totals.Flops)));
        if (hasIntegers) columns.Add((">integer MACs", row => Figure(row.Totals.IntegerMacs)));
        columns.Add((">other ops", row => Figure(row.Totals.Arithmetic)));
        if (convention is not null) columns.Add(($">{convention.Name} {convention.Unit}", row => Figure(row.As!)));
        columns.Add((">parameters", row => Sizes.Count(row.Parameters)));
        columns.Add((">activations", row => Figure(row.Totals.Activations)));
        columns.Add((">bytes", row => Figure(row.Totals.Bytes)));
        columns.Add((">FLOPs/byte", row => Ratio(row.Totals.Intensity)));
        columns.Add((">share", row => Share(row.Totals.Operations, total.Totals.Operations)));
        var table = new TextTable([.. columns.Select(c => c.Heading)]);
        foreach (var row in rows.Take(top))
        {
            Add(row);
            if (row.Totals.Operations.Value * 10 >= total.Totals.Operations.Value) table.Mark(RowMark.Hot); // a tenth and more
        }
        if (rows.Count > top) table.Add([$"{rows.Count - top} more", .. columns.Skip(1).Select(_ => "")]);
        Add(total);
        table.Mark(RowMark.Strong);
        return table;

        void Add(Row row) => table.Add([.. columns.Select(c => c.Cell(row))]);
    }

    /// <summary>The first rows as lines of CSV (RFC 4180), numbers without groups.</summary>
    public IEnumerable<string> Csv(int top)
    {
        yield return $"{grouping},op,nodes,macs,flops,integer_macs,other_operations,parameters,activations,bytes_read,bytes_written"
            + (convention is null ? "" : $",{convention.Name}");
        foreach (var row in rows.Take(top))
            yield return string.Join(',', new[]
            {
                Quoted(row.Name), Quoted(row.Op), $"{row.Totals.Nodes}", $"{row.Totals.Macs}", $"{row.Totals.Flops}",
                $"{row.Totals.IntegerMacs}", $"{row.Totals.Arithmetic}", $"{row.Parameters}", $"{row.Totals.Activations}",
                $"{row.Totals.BytesIn}", $"{row.Totals.BytesOut}",
            }.Select(cell => cell.Contains(',') && cell[0] != '"' ? Quoted(cell) : cell)
                .Concat(convention is null ? [] : [Quoted(row.As!.ToString())]));
    }

    /// <summary>The first rows for machines.</summary>
    public IEnumerable<object> Json(int top) => rows.Take(top).Select(row => new
    {
        name = row.Name, op = row.Op, nodes = row.Totals.Nodes, macs = Number(row.Totals.Macs), flops = Number(row.Totals.Flops),
        integerMacs = Number(row.Totals.IntegerMacs), otherOperations = Number(row.Totals.Arithmetic), parameters = row.Parameters,
        activations = Number(row.Totals.Activations), bytesRead = Number(row.Totals.BytesIn), bytesWritten = Number(row.Totals.BytesOut),
        intensity = row.Totals.Intensity, @as = row.As is null ? null : Number(row.As),
    });

    /// <summary>A figure for people: a number in groups of three digits, or a polynomial.</summary>
    public static string Figure(Dim figure) => figure.Value is { } number ? Sizes.Count(number) : figure.ToString();

    /// <summary>A figure for machines: a number, or a polynomial as text.</summary>
    public static object Number(Dim figure) => figure.Value is { } number ? number : figure.ToString();

    /// <summary>A ratio with three digits.</summary>
    public static string Ratio(double? ratio) => ratio is { } number ? number.ToString("0.00", CultureInfo.InvariantCulture) : "";

    private static string Share(Dim part, Dim whole) => part.Value is { } a && whole.Value is > 0 and var b
        ? (100.0 * a / b).ToString("0.0", CultureInfo.InvariantCulture) + " %" : "";

    /// <summary>A cell of CSV (RFC 4180).</summary>
    public static string Quoted(string text) => text.AsSpan().ContainsAny("\",\r\n") ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
}
