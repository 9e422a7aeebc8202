using Nncc.IR.Ops;

namespace Nncc.Backends.Models;

/// <summary>
/// Shrinks a model as long as it shows something, such as a failure of a command: fewer outputs, an earlier end, a later start, fewer nodes
/// between. Every model on the way is valid. The method is delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating
/// Failure-Inducing Input", 2002) over the nodes of the graph; what is left may have a smaller part that shows the same in another way, but
/// no single node can be taken away any more.
/// </summary>
/// <param name="shows">Whether a model still shows it; asked once for each candidate.</param>
/// <param name="mostChecks">How often it is asked at most; the best model until then is the result.</param>
/// <param name="progress">Hears of each smaller model; null for nobody.</param>
/// <param name="cancellation">Ends it.</param>
public sealed class ModelReduction(Func<Model, bool> shows, int mostChecks = 1000, Action<string>? progress = null,
    CancellationToken cancellation = default)
{
    private Model best = null!;

    /// <summary>How often it was asked.</summary>
    public int Checks { get; private set; }

    /// <summary>Whether the limit of checks ended the reduction.</summary>
    public bool IsExhausted => Checks >= mostChecks;

    /// <summary>The nodes of a graph that are not constants.</summary>
    public static int CountNodes(Graph graph) => graph.Nodes.Count(node => node.Op is not Constant);

    /// <summary>The smallest model found that still shows it; the same object where there is none.</summary>
    /// <param name="model">A model that shows it. Types of its values should be known: what has an unknown type is not cut.</param>
    public Model Run(Model model)
    {
        best = model;
        Graph before;
        do
        {
            before = best.Graph;
            ReduceOutputs();
            EndEarlier();
            StartLater();
            DropNodes();
            BypassNodes();
        }
        while (!ReferenceEquals(before, best.Graph) && !IsExhausted);
        return best;
    }

    private void ReduceOutputs()
    {
        if (best.Graph.Outputs.Length == 1) return;
        foreach (var output in best.Graph.Outputs)
            if (Try(() => Extraction.Between(best.Graph, [output], Empty))) return;
        for (int i = best.Graph.Outputs.Length - 1; i >= 0 && best.Graph.Outputs.Length > 1; i--)
            Try(() => Extraction.Between(best.Graph, best.Graph.Outputs.RemoveAt(i), Empty));
    }

    // The first node whose results alone still show it, by halving: mostly what shows at a node shows at all later ones.
    private void EndEarlier()
    {
        var nodes = Computing(best.Graph);
        for (int low = 0, high = nodes.Length - 1; low < high;)
        {
            int middle = (low + high) / 2;
            if (EndAt(nodes[middle])) high = middle;
            else low = middle + 1;
        }
    }

    private bool EndAt(Node node) => Try(() =>
    {
        // The node as it is now: reductions on the way keep ids.
        if (best.Graph.Find(node.Id) is not { } end) return null;
        return Extraction.Between(best.Graph, [.. end.GivenOutputs.Select(o => new GraphOutput(best.Graph[o].Name, o))], Empty);
    });

    private void StartLater()
    {
        var nodes = Computing(best.Graph);
        for (int low = 0, high = nodes.Length - 1; low < high;)
        {
            int middle = (low + high + 1) / 2;
            if (Without(nodes.AsSpan(0, middle))) low = middle;
            else high = middle - 1;
        }
    }

    private void DropNodes()
    {
        for (int size = Math.Max(1, Computing(best.Graph).Length / 2); ; size /= 2)
        {
            var nodes = Computing(best.Graph);
            for (int end = nodes.Length; end > 0; end -= size) Without(nodes.AsSpan(Math.Max(0, end - size)..end));
            if (size == 1) return;
        }
    }

    // The results of these nodes become inputs.
    private bool Without(ReadOnlySpan<Node> nodes)
    {
        var starts = new HashSet<int>();
        foreach (var node in nodes)
            foreach (int result in best.Graph.Find(node.Id)?.GivenOutputs ?? [])
                if (best.Graph[result].Type is TensorType { DType: not DType.Unknown }) starts.Add(result);
        return starts.Count > 0 && Try(() => Extraction.Between(best.Graph, best.Graph.Outputs, starts));
    }

    private void BypassNodes()
    {
        foreach (var node in Computing(best.Graph).Reverse())
            foreach (int operand in node.GivenInputs.Distinct())
                if (Try(() => Bypassed(node.Id, operand))) break;
    }

    private Graph? Bypassed(int id, int operand)
    {
        var graph = best.Graph;
        if (graph.Find(id) is not { } node || node.GivenOutputs.ToArray() is not [var result]
            || graph.Outputs.Any(o => o.Value == result) || !graph[operand].Type.Equals(graph[result].Type)) return null;
        var edit = new GraphEdit(graph);
        edit.ReplaceValue(result, operand);
        return Extraction.Between(edit.Freeze(), graph.Outputs, Empty);
    }

    private static IReadOnlySet<int> Empty { get; } = new HashSet<int>();

    private static Node[] Computing(Graph graph) => [.. graph.Nodes.Where(node => node.Op is not Constant)];

    // Takes a candidate that is smaller and still shows it. An edit that the graph refuses is no candidate.
    private bool Try(Func<Graph?> make)
    {
        if (IsExhausted) return false;
        cancellation.ThrowIfCancellationRequested();
        Graph? graph;
        try
        {
            graph = make();
        }
        catch (NnccException)
        {
            return false;
        }
        if (graph is null || CountNodes(graph) == 0 || Size(graph).CompareTo(Size(best.Graph)) >= 0) return false;
        var candidate = best with { Graph = graph };
        Checks++;
        if (!shows(candidate)) return false;
        best = candidate;
        progress?.Invoke($"{CountNodes(graph)} nodes after {Checks} checks");
        return true;
    }

    private static (int Nodes, int Outputs) Size(Graph graph) => (CountNodes(graph), graph.Outputs.Length);
}
