using Nncc.IR.Ops;

namespace Nncc.Passes.Transforms;

/// <summary>
/// A Concat whose first operands are all that another one joins takes that one's result in their place, as in networks in which each layer
/// sees the results of all before it: concat(a, b, c) = concat(concat(a, b), c). A kernel then writes each value once, as a piece of the
/// largest result that begins with it. Exact; needs nothing, and never removes a node.
/// </summary>
public sealed class ConcatSharing : IPass
{
    /// <inheritdoc/>
    public string Name => "concat-sharing";

    /// <inheritdoc/>
    public string Summary => "Joins on where another Concat has joined the same first operands. Exact.";

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context)
    {
        var edit = new GraphEdit(graph);
        // Of each first operand and axis what was joined so far, the longest last.
        var joined = new Dictionary<(int First, long Axis), List<(int[] Operands, int Result)>>();
        foreach (var node in graph.Nodes)
        {
            if (node.Op is not Concat { Axis: var axis } || node.Inputs.Length < 2) continue;
            int[] operands = [.. node.Inputs];
            if (!joined.TryGetValue((operands[0], axis), out var before)) joined[(operands[0], axis)] = before = [];
            var prefix = before.LastOrDefault(b => b.Operands.Length < operands.Length
                && operands.AsSpan(0, b.Operands.Length).SequenceEqual(b.Operands));
            if (prefix.Operands is { Length: var length })
                context.Step(edit, "concat-of-same", () => edit.Change(node, node.Op, [prefix.Result, .. operands[length..]]));
            before.Add((operands, node.Outputs[0]));
        }
        return edit.Freeze();
    }
}
