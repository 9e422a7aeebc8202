using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Nncc.Backends.Models;
using Nncc.Backends.Verification;
using Nncc.IR.Evaluate;
using Nncc.IR.Ops;

namespace Nncc.Tests.Fuzz;

/// <summary>A graph with contents for all of its values: what engines are given, and what they should give.</summary>
internal sealed class FuzzCase
{
    // Rounding in each step of an op instead of once at its end, and in another order.
    private const double RoundingFactor = 64;

    // Bars are for whole models; sums of a few terms may cancel.
    private const double BarFactor = 5;

    private readonly IReadOnlyDictionary<string, Datum> contents;
    private readonly Lazy<(MarginRun Wide, ImmutableArray<Datum> Declared, double[] Bars)> reference;

    private FuzzCase(Graph graph, IReadOnlyDictionary<string, Datum> contents)
    {
        (Graph, this.contents) = (graph, contents);
        reference = new(Refer);
    }

    /// <summary>The graph.</summary>
    public Graph Graph { get; }

    /// <summary>Contents of its inputs.</summary>
    public ImmutableArray<Datum?> Inputs => [.. Graph.Inputs.Select(i => contents.GetValueOrDefault(Graph[i.Value].Name))];

    /// <summary>Number of nodes that compute.</summary>
    public int NodeCount => Graph.Nodes.Count(n => n.Op is not Constant);

    /// <summary>Evaluates a graph.</summary>
    public static FuzzCase Of(Graph graph, ImmutableArray<Datum?> inputs)
    {
        var contents = new Dictionary<string, Datum>(StringComparer.Ordinal);
        for (int i = 0; i < inputs.Length; i++)
            if (inputs[i] is { } given) contents[graph[graph.Inputs[i].Value].Name] = given;
        new Evaluator
        {
            Observe = (owner, node, results) =>
            {
                if (!ReferenceEquals(owner, graph)) return;
                for (int i = 0; i < results.Length; i++)
                    if (results[i] is { } result) contents[graph[node.Outputs[i]].Name] = result;
            },
        }.Run(graph, inputs);
        return new FuzzCase(graph, contents);
    }

    /// <summary>A part of the graph, whose inputs have the contents that they have here.</summary>
    public FuzzCase With(Graph part) => new(part, contents);

    /// <summary>The content of an operand; null where it is absent.</summary>
    public Datum? Content(Node node, int operand) =>
        operand < node.Inputs.Length && node.Inputs[operand] is not Node.Absent and var value ? contents[Graph[value].Name] : null;

    /// <summary>The tensor that a result is; null for anything else.</summary>
    public Tensor? Result(Node node, int result = 0) =>
        result < node.Outputs.Length && node.Outputs[result] is not Node.Absent and var value
            ? contents.GetValueOrDefault(Graph[value].Name) as Tensor : null;

    /// <summary>
    /// The case without some nodes, whose results become inputs; null where nothing is left.
    /// </summary>
    public FuzzCase? Without(IReadOnlyCollection<Node> nodes)
    {
        var cut = nodes.Select(n => n.Id).ToHashSet();
        var starts = nodes.SelectMany(n => n.GivenOutputs).ToHashSet();
        var kept = Graph.Nodes.Where(n => n.Op is not Constant && !cut.Contains(n.Id)).ToList();
        var ends = kept.SelectMany(n => n.GivenOutputs).Where(v => Graph.Outputs.Any(o => o.Value == v)
            || nodes.Any(n => n.Inputs.Contains(v))).Distinct().Select(v => new GraphOutput(Graph[v].Name, v)).ToList();
        if (ends.Count == 0) return null;
        try
        {
            var part = Extraction.Between(Graph, ends, starts);
            return part.Nodes.Any(n => n.Op is not Constant) ? With(part) : null;
        }
        catch (NnccException)
        {
            return null; // an input whose type is not known
        }
    }

    /// <summary>The nodes that a text names.</summary>
    public List<Node> Named(string text)
    {
        var names = Regex.Matches(text, @"[A-Za-z][A-Za-z0-9_]* \d+").Select(m => m.Value).ToHashSet(StringComparer.Ordinal);
        return [.. Graph.Nodes.Where(n => n.Op is not Constant && n.Origin.Nodes.Any(names.Contains))];
    }

    /// <summary>How the answers of an engine differ from what they should be; null where they agree.</summary>
    /// <param name="actual">The answers.</param>
    /// <param name="steps">How many steps quantized results may differ by: who multiplies scales first meets other ties.</param>
    public string? Difference(ImmutableArray<Datum> actual, int steps = 0)
    {
        var (wide, declared, bars) = reference.Value;
        for (int i = 0; i < actual.Length; i++)
        {
            if (!double.IsFinite(bars[i])) continue;
            var result = OutputComparison.Of(Graph.Outputs[i].Name, wide.Outputs[i], wide.Nudged[i], actual[i], bars[i]);
            // In small tensors one entry behind a doubtful decision is more than the share that a model may have.
            if (result.Agrees || (result.LeftOut > 0 && result.Error <= result.Bar)) continue;
            // A rounding to integers of what was rounded before may go either way twice.
            if (OutputComparison.Of(result.Output, declared[i], declared[i], actual[i], bars[i]).Agrees) continue;
            if (wide.Outputs[i] is Tensor a && actual[i] is Tensor b && IsQuantized(a.DType) && a.Type.Equals(b.Type)
                && a.ToLongs().Zip(b.ToLongs()).All(p => Math.Abs(p.First - p.Second) <= steps)) continue;
            return $"output \"{result.Output}\": {result.Difference ?? $"{result.Error:g3}, allowed are {result.Bar:g3}"}; it is "
                + Show(actual[i]);
        }
        return null;
    }

    private bool IsQuantized(DType dtype) => dtype.IsInteger() && dtype.Bits() <= 16
        && Graph.Nodes.Any(n => n.Op.Name.Contains("Quant", StringComparison.Ordinal)
            || n.Op.Name.StartsWith("QLinear", StringComparison.Ordinal));

    /// <summary>The case as text: the graph, and contents that are short.</summary>
    public override string ToString() => IR.Text.Printer.Print(Graph, OpRegistry.Standard()) + string.Concat(Graph.Values
        .Where(v => v.IsInput || Graph.Outputs.Any(o => o.Value == v.Id))
        .Select(v => $"// {v.Name} = {Show(contents.GetValueOrDefault(v.Name))}\n"));

    private static string Show(Datum? datum) => datum is not Tensor tensor ? datum?.Type.ToString() ?? "-"
        : tensor.Count > 64 || tensor.DType.IsComplex() ? tensor.Type.ToString()
        : tensor.DType == DType.String ? $"{tensor.Type}{{{string.Join(",", tensor.Strings.ToArray())}}}"
        : $"{tensor.Type}{{{string.Join(",", tensor.ToDoubles())}}}";

    private (MarginRun, ImmutableArray<Datum>, double[]) Refer()
    {
        var bars = new ErrorBars(Graph);
        double[] own = [.. Graph.Outputs.Select(o => BarFactor * bars[o.Value])];
        var wide = new Evaluator(isWide: true).RunWithMargin(Graph, Inputs, own.DefaultIfEmpty(ErrorBars.Float32).Max());
        var declared = new Evaluator().Run(Graph, Inputs);
        for (int i = 0; i < own.Length; i++)
            own[i] = Math.Max(own[i], RoundingFactor * OutputComparison.Of("", wide.Outputs[i], wide.Nudged[i], declared[i], own[i]).Error);
        return (wide, declared, own);
    }
}
