using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes.Strategies;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// A region read as attention: y = softmax(f(q k)) v for each head, where f is elementwise (scale, mask). q, k, v and y lie anywhere where
/// ops that only move elements take them from or to.
/// </summary>
/// <param name="Q">Where q [rows, depth] is read.</param>
/// <param name="K">Where k [depth, columns] is read.</param>
/// <param name="V">Where v [columns, width] is read.</param>
/// <param name="Y">Where the result [rows, width] is written.</param>
/// <param name="Scores">What happens to a score before the softmax.</param>
/// <param name="Loads">Its operands.</param>
/// <param name="Heads">Loops over heads, over y, q, k, v and these operands.</param>
/// <param name="Count">Number of heads.</param>
internal sealed record AttentionCode(StridedView Q, StridedView K, StridedView V, StridedView Y, ElementwiseBody Scores,
    ImmutableArray<RowLoad> Loads, StepLoops Heads, long Count)
{
    /// <summary>Rows of q.</summary>
    public long Rows => Q.Dims[^2];

    /// <summary>Columns of k: the places that are attended to.</summary>
    public long Columns => K.Dims[^1];

    /// <summary>Columns of q, rows of k.</summary>
    public long Depth => Q.Dims[^1];

    /// <summary>Columns of v.</summary>
    public long Width => V.Dims[^1];

    /// <summary>
    /// The nodes of a graph that attention around a softmax consists of, in topological order: with all moves around it, then without
    /// those behind it, then without any. None where there are no two products around it.
    /// </summary>
    public static IEnumerable<ImmutableArray<Node>> Around(Graph graph, Node softmax)
    {
        if (softmax.Op is not Softmax || graph.Users(softmax.Outputs[0]) is not [var user] || graph.Find(user) is not { Op: MatMul } context
            || context.Inputs[0] != softmax.Outputs[0] || context.Inputs[1] == softmax.Outputs[0]) yield break;
        var core = new List<Node> { softmax, context };
        int value = softmax.Inputs[0];
        while (graph.Producer(value) is { Op: not MatMul } node)
        {
            if (!ElementwiseCode.IsElementwise(node.Op) || !IsUsedOnce(graph, value) || core.Count > 16) yield break;
            core.Add(node);
            // Upwards along the operand that has the sizes of the scores.
            int next = node.Inputs.FirstOrDefault(i => i != Node.Absent && Equals(graph.Type(i), graph.Type(value))
                && graph.Producer(i) is { } producer && (producer.Op is MatMul || ElementwiseCode.IsElementwise(producer.Op)), Node.Absent);
            if (next == Node.Absent) yield break;
            value = next;
        }
        if (graph.Producer(value) is not { Op: MatMul } scores || !IsUsedOnce(graph, value)) yield break;
        core.Add(scores);
        var before = Moves(graph, [.. core], [.. scores.Inputs, context.Inputs[1]]);
        var behind = new List<Node>();
        int last = context.Outputs[0];
        while (IsUsedOnce(graph, last)
            && graph.Find(graph.Users(last)[0]) is { Op: Transpose or Reshape or Squeeze or Unsqueeze or Flatten } next
            && next.Inputs[0] == last)
        {
            behind.Add(next);
            last = next.Outputs[0];
        }
        yield return Ordered([.. before, .. behind]);
        if (behind.Count > 0) yield return Ordered(before);
        yield return Ordered(core);

        ImmutableArray<Node> Ordered(IEnumerable<Node> nodes) => [.. nodes.OrderBy(graph.Position)];
    }

    // The nodes, and those that move elements on the way to the values and serve nobody else.
    private static List<Node> Moves(Graph graph, List<Node> nodes, List<int> values)
    {
        var inside = nodes.Select(n => n.Id).ToHashSet();
        for (bool grows = true; grows;)
        {
            grows = false;
            for (int i = 0; i < values.Count; i++)
            {
                if (graph.Producer(values[i]) is not { } node || inside.Contains(node.Id) || !StridedView.IsMove(node.Op)
                    || node.GivenOutputs.Any(o => graph.Outputs.Any(x => x.Value == o) || graph.Users(o).Any(u => !inside.Contains(u))))
                    continue;
                inside.Add(node.Id);
                nodes.Add(node);
                values.Add(node.Inputs[0]);
                grows = true;
            }
        }
        return nodes;
    }

    private static bool IsUsedOnce(Graph graph, int value) =>
        graph.Users(value).Length == 1 && graph.Outputs.All(o => o.Value != value);

    /// <summary>Reads a region; null and the reason where it is not of that form.</summary>
    public static AttentionCode? Of(KernelRegion region, out string? reason)
    {
        var body = region.Body;
        reason = "not attention";
        if (body.Nodes.Where(n => n.Op is Softmax).ToArray() is not [{ Op: Softmax { Axis: var axis } } softmax]) return null;
        if (body.Nodes.Where(n => n.Op is MatMul).ToArray() is not [var first, var second] || body.Outputs.Length != 1) return null;
        if (second.Inputs[0] != softmax.Outputs[0]) return Refuse("the softmax is not the first operand of a product", out reason);
        int rank = region.Dims(softmax.Outputs[0]).Length;
        if (axis != -1 && axis != rank - 1) return Refuse("the softmax is along another axis", out reason);
        if (region.Body.Nodes.SelectMany(n => n.GivenInputs).Where(v => body[v].Type is TensorType { DType: var d } && !d.IsInteger())
            .Any(v => region.DType(v) != DType.Float32)) return Refuse("other elements than f32", out reason);
        ImmutableArray<Node> between = [.. body.Nodes.Where(n => n.Op is not (MatMul or Softmax) && !StridedView.IsMove(n.Op))];
        if (ElementwiseBody.Of(region, first.Outputs[0], between, softmax.Inputs[0], out reason) is not { } scores) return null;
        if (!scores.IsVectorizable) return Refuse("what happens to the scores has no vector form", out reason);
        if (StridedView.Of(region, first.Inputs[0]) is not { } q || StridedView.Of(region, first.Inputs[1]) is not { } k
            || StridedView.Of(region, second.Inputs[1]) is not { } v || StridedView.OfResult(region, second.Outputs[0]) is not { } y)
            return Refuse("an operand or the result lies at irregular places", out reason);
        long[] dims = region.Dims(softmax.Outputs[0]);
        if (new[] { q, k, v, y }.Any(view => view.Dims.Length < 2) || dims.Length < 2 || dims.Contains(0) || y.Dims.Contains(0)
            || q.Dims[^1] == 0) return Refuse("vectors, or no elements", out reason);
        if (y.Steps[^1] != 1 && y.Dims[^1] != 1) return Refuse("columns of the result lie apart", out reason);
        long[] heads = [.. y.Dims.Take(y.Dims.Length - 2)];
        if (!heads.AsSpan().SequenceEqual(dims.AsSpan()[..^2])) return Refuse("the second product repeats heads", out reason);
        long[] Along(StridedView view) => [.. heads.Select((_, i) =>
            view.Dims.Length - 2 - heads.Length + i is >= 0 and var at && view.Dims[at] != 1 ? view.Steps[at] : 0)];
        var steps = scores.Loads.Select(l => l.Strides()).ToArray();
        return new AttentionCode(q, k, v, y, scores,
            [.. scores.Loads.Select((l, i) => new RowLoad(l.Operand, steps[i][^2], steps[i][^1] == 1, l.DType))],
            StepLoops.Over("h", heads, [("y", Along(y)), ("q", Along(q)), ("k", Along(k)), ("v", Along(v)),
                .. steps.Select((s, i) => ($"e{i}", s[..^2]))]), heads.Aggregate(1L, (a, b) => a * b));
    }

    private static AttentionCode? Refuse(string why, out string? reason)
    {
        reason = why;
        return null;
    }
}
