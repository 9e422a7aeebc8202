using System.Collections.Immutable;
using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Passes.Counting;

/// <summary>
/// Counts what a graph costs, from types alone: no weights are read. Inputs with a default count as what they are by default. The nodes of
/// bodies stand in the place of the node that has them: a loop's as often as it runs at most, those of the more expensive branch of an If.
/// </summary>
public sealed class ModelCounter
{
    /// <summary>Why a node cannot be counted whose op is known.</summary>
    public const string UnknownRank = "the rank of an operand or result is unknown";

    private readonly CountOptions options;
    private readonly ImmutableArray<NodeCount>.Builder rows = ImmutableArray.CreateBuilder<NodeCount>();

    private readonly SortedSet<string> loops;

    private ModelCounter(CountOptions options, SortedSet<string> loops) => (this.options, this.loops) = (options, loops);

    /// <summary>Counts a graph.</summary>
    /// <param name="graph">The graph at any stage.</param>
    /// <param name="options">What the user decides.</param>
    /// <exception cref="NnccException">
    /// Sizes or numbers of iterations are open and the options do not let them stay so, or a total is beyond 64 bits.
    /// </exception>
    public static ModelCount Count(Graph graph, CountOptions? options = null)
    {
        options ??= new();
        graph = WithDefaults(graph);
        try
        {
            var counter = new ModelCounter(options, new(StringComparer.Ordinal));
            counter.Add(graph, "", 1, isDead: false);
            counter.CheckTrips();
            return counter.Finish(graph);
        }
        catch (OverflowException)
        {
            throw new NnccException(FaultCodes.SizeOverflow, "the count is beyond 64 bits", $"graph \"{graph.Name}\"");
        }
    }

    // What stands for an input that the caller leaves out is a constant, which may be a shape that the graph depends on.
    private static Graph WithDefaults(Graph graph)
    {
        if (graph.Inputs.All(input => input.Default is null)) return graph;
        var edit = new GraphEdit(graph);
        foreach (var input in graph.Inputs)
        {
            if (input.Default is not { } content) continue;
            string name = graph[input.Value].Name;
            int constant = edit.AddConstant(content, name, Provenance.Of(name), graph.Nodes.FirstOrDefault());
            edit.ReplaceValue(input.Value, constant);
            edit.RemoveInput(input.Value);
        }
        return edit.Freeze();
    }

    private ModelCount Finish(Graph graph)
    {
        var all = rows.ToImmutable();
        var live = all.Where(row => row.Gap is null && (options.IncludesDead || !row.IsDead));
        var parameters = ParameterRoles.Count(graph);
        Dim inputBytes = 0, outputBytes = 0;
        foreach (var input in graph.Inputs) inputBytes += MeasureContext.Bytes(graph[input.Value].Type);
        foreach (var output in graph.Outputs) outputBytes += MeasureContext.Bytes(graph[output.Value].Type);
        var count = new ModelCount(graph.Name, all, CountTotals.Of(live), CountTotals.Of(all.Where(row => row.IsDead && row.Gap is null)),
            parameters, Gaps(all), StaticPlan.Bytes(graph), inputBytes, outputBytes) { IncludesDead = options.IncludesDead };
        if (!options.IsSymbolic) OpenSizes.Check(graph, count);
        return count;
    }

    private ImmutableArray<UncountedOp> Gaps(ImmutableArray<NodeCount> all) =>
    [
        .. all.Where(row => row.Gap is not null && (options.IncludesDead || !row.IsDead)).GroupBy(row => (row.Node.Op.FullName, row.Gap))
            .Select(g => new UncountedOp(g.Key.FullName, g.Count(), g.Key.Gap!))
            .OrderByDescending(g => g.Nodes).ThenBy(g => g.Op, StringComparer.Ordinal),
    ];

    private void Add(Graph graph, string scope, Dim times, bool isDead)
    {
        bool[] live = Live(graph);
        var kinds = ParameterRoles.Kinds(graph);
        for (int i = 0; i < graph.Nodes.Length; i++)
        {
            var node = graph.Nodes[i];
            if (node.Op is Constant) continue;
            string name = $"{scope}{NameOf(graph, node)}";
            bool isNodeDead = isDead || !live[i];
            switch (node.Op)
            {
                case If choice: AddHeavier(graph, node, choice, name, times, isNodeDead); break;
                case Loop loop: Add(loop.Body, $"{name}/", times * Trips(graph, node, name), isNodeDead); break;
                case Scan scan when ScanLength(graph, node, scan) is { } length:
                    Add(scan.Body, $"{name}/", times * length, isNodeDead);
                    break;
                default: rows.Add(Row(graph, node, name, times, isNodeDead, kinds)); break;
            }
        }
    }

    private static string NameOf(Graph graph, Node node) => node.Origin.Nodes.Count == 1 ? node.Origin.Nodes[0]
        : node.Outputs.FirstOrDefault(o => o != Node.Absent, Node.Absent) is var result && result != Node.Absent ? graph[result].Name
        : node.Op.Name;

    private static NodeCount Row(Graph graph, Node node, string name, Dim times, bool isDead, ParameterKind?[] kinds)
    {
        var types = graph.MeasureContext(node);
        string? gap = node.Op is Opaque ? "not an op that nncc knows"
            : types.Inputs.OfType<IrType>().Concat(types.Outputs).Any(t => Known(t) is null) ? UnknownRank
            : null;
        if (gap is not null) return new(name, node, types, times, isDead, gap, 0, 0, 0, 0, 0, 0, 0, false);
        var work = node.Op.Measure(types);
        Dim integers = IntegerMacs(node.Op, types, work);
        Dim elements = types.Outputs.OfType<TensorType>().Aggregate(Dim.Of(0), (sum, t) => sum + t.Shape!.Count);
        bool isProduct = !work.Macs.Equals(Dim.Of(0));
        return new(name, node, types, times, isDead, null, (work.Macs - integers) * times, integers * times, work.Arithmetic * times,
            work.BytesIn * times, work.BytesOut * times, elements * times, ParametersOf(graph, node, kinds),
            isProduct && node.Inputs.Any(input => graph.TryConstant(input, out _)));
    }

    // Of the constants that the node itself uses, each at every place.
    private static long ParametersOf(Graph graph, Node node, ParameterKind?[] kinds)
    {
        var (weights, biases) = AttributeParameters.Of(node.Op);
        long sum = weights + biases;
        foreach (int input in node.GivenInputs)
            if (kinds[input] is ParameterKind.Weight or ParameterKind.Bias && graph.TryConstant(input, out var tensor))
                sum += tensor.Count;
        return sum;
    }

    private static Dim IntegerMacs(Op op, MeasureContext types, Work work)
    {
        if (op is Fusion fusion)
            return fusion.Body.Nodes.Aggregate(Dim.Of(0), (sum, node) => fusion.Body.MeasureContext(node) is var inner
                ? sum + IntegerMacs(node.Op, inner, node.Op.Measure(inner)) : sum);
        return types.Inputs.Length > 0 && types.Inputs[0] is TensorType { DType: var dtype } && dtype.IsInteger() ? work.Macs : 0;
    }

    /// <summary>The type, or null where nothing can be counted for it: a tensor of unknown rank.</summary>
    private static IrType? Known(IrType type) => type is UnknownType or TensorType { Shape: null } ? null : type;

    // The nodes of the branch with more work. Where that depends on open sizes, one row with the larger of each figure stands for both, and
    // what cannot be counted in either is told.
    private void AddHeavier(Graph graph, Node node, If choice, string name, Dim times, bool isDead)
    {
        ImmutableArray<NodeCount> a = Branch(choice.ThenBranch), b = Branch(choice.ElseBranch);
        CountTotals then = Totals(a), otherwise = Totals(b);
        Dim difference = then.Operations + then.Bytes - (otherwise.Operations + otherwise.Bytes);
        if (Dim.IsAtMost(0, difference) == Answer.Yes) rows.AddRange(a);
        else if (Dim.IsAtMost(difference, 0) == Answer.Yes) rows.AddRange(b);
        else
        {
            rows.AddRange(a.Concat(b).Where(row => row.Gap is not null));
            rows.Add(new(name, node, graph.MeasureContext(node), times, isDead, null, Dim.Max(then.Macs, otherwise.Macs),
                Dim.Max(then.IntegerMacs, otherwise.IntegerMacs), Dim.Max(then.Arithmetic, otherwise.Arithmetic),
                Dim.Max(then.BytesIn, otherwise.BytesIn), Dim.Max(then.BytesOut, otherwise.BytesOut),
                Dim.Max(then.Activations, otherwise.Activations), 0, false));
        }

        ImmutableArray<NodeCount> Branch(Graph body)
        {
            var counter = new ModelCounter(options, loops);
            counter.Add(body, $"{name}/", times, isDead);
            return counter.rows.ToImmutable();
        }

        CountTotals Totals(ImmutableArray<NodeCount> branch) =>
            CountTotals.Of(branch.Where(row => row.Gap is null && (isDead || options.IncludesDead || !row.IsDead)));
    }

    private Dim Trips(Graph graph, Node node, string name)
    {
        loops.Add(name);
        if (options.Trips.TryGetValue(name, out long given)) return given;
        if (node.Inputs.Length > node.Op.CaptureCount && node.Inputs[0] != Node.Absent)
        {
            if (graph[node.Inputs[0]].Known is [var known]) return Dim.Max(0, known);
            if (graph.TryConstant(node.Inputs[0], out var most) && most is { Count: 1, HasContent: true } && most.ToLong() < int.MaxValue)
                return Math.Max(0, most.ToLong());
        }
        return options.Trips.TryGetValue("", out given) ? given : Dim.Symbol($"{OpenSizes.TripsPrefix}{name}");
    }

    private void CheckTrips()
    {
        var wrong = options.Trips.Keys.Where(name => name.Length > 0 && !loops.Contains(name)).ToList();
        if (wrong.Count > 0)
            throw new NnccException([.. wrong.Select(name => new Fault(FaultCodes.UnknownName, $"the model has no loop \"{name}\"",
                Advice: loops.Count == 0 ? "it has no loops" : Suggestion.For(name, loops, "its loops are")))]);
    }

    private static Dim? ScanLength(Graph graph, Node node, Scan scan)
    {
        int first = node.Inputs.Length - node.Op.CaptureCount - (int)scan.NumScanInputs;
        if (graph.Type(node.Inputs[first]) is not TensorType { Shape: { Rank: > 0 } shape }) return null;
        long axis = scan.ScanInputAxes.Count > 0 ? scan.ScanInputAxes[0] : 0;
        return shape[(int)(axis < 0 ? axis + shape.Rank : axis)];
    }

    // By place in the list of nodes; one sweep against the order.
    private static bool[] Live(Graph graph)
    {
        var wanted = new bool[graph.NextValue];
        foreach (var output in graph.Outputs) wanted[output.Value] = true;
        var live = new bool[graph.Nodes.Length];
        for (int i = graph.Nodes.Length - 1; i >= 0; i--)
        {
            var node = graph.Nodes[i];
            if (!node.GivenOutputs.Any(o => wanted[o])) continue;
            live[i] = true;
            foreach (int input in node.GivenInputs) wanted[input] = true;
        }
        return live;
    }
}
