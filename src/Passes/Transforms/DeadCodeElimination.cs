using System.Collections.Immutable;
using Nncc.IR;

namespace Nncc.Passes.Transforms;

/// <summary>
/// Removes what no output depends on: nodes, optional results, outputs of branches and loops that nobody reads, and values that
/// bodies capture without using them. One sweep against the order of the graph, so that what only dead things use goes with them.
/// </summary>
public sealed class DeadCodeElimination : IPass
{
    /// <inheritdoc/>
    public string Name => "dead-code-elimination";

    /// <inheritdoc/>
    public string Summary => "Removes nodes and results that no output depends on, in bodies too. Inputs and outputs of the graph stay.";

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context)
    {
        var edit = new GraphEdit(graph);
        for (int i = graph.Nodes.Length - 1; i >= 0; i--)
        {
            var node = graph.Nodes[i];
            if (!edit.IsUsed(node))
            {
                Erase(edit, node, context);
                continue;
            }
            node = DropResults(edit, node, context);
            if (node.Op.Bodies.IsEmpty || node.Op is IR.Ops.Opaque) continue;
            node = context.InBodies(edit, node, Run);
            DropCaptures(edit, node, context);
        }
        return edit.Freeze();
    }

    private static void Erase(GraphEdit edit, Node node, PassContext context) =>
        context.Step(edit, "dead-node", () => edit.Erase(node));

    private static Node DropResults(GraphEdit edit, Node node, PassContext context)
    {
        for (int i = node.Outputs.Length - 1; i >= 0; i--)
            if (node.Outputs[i] != Node.Absent && !edit.IsUsed(node.Outputs[i])) node = DropResult(edit, node, i, context);
        return node;
    }

    private static Node DropResult(GraphEdit edit, Node node, int slot, PassContext context)
    {
        var signature = context.Ops.Find(node.Op)?.Outputs ?? [];
        if (slot < signature.Length && signature[slot].IsOptional)
            context.Step(edit, "unused-result", () => node = edit.DropResult(node, slot));
        else if (node.Op.WithoutResult(slot) is { } op)
            context.Step(edit, "unused-body-output", () => node = edit.RemoveResult(node, slot, op));
        return node;
    }

    // A capture goes where no body uses it: the operand, and an input of each body.
    private static void DropCaptures(GraphEdit edit, Node node, PassContext context)
    {
        int captures = node.Op.CaptureCount;
        var unused = Enumerable.Range(1, captures)
            .Where(k =>
                node.Op.Bodies.All(body =>
                    body.Users(body.Inputs[^k].Value).IsEmpty && !body.Outputs.Any(o => o.Value == body.Inputs[^k].Value)))
            .ToHashSet();
        if (unused.Count == 0) return;
        context.Step(edit, "unused-capture", () =>
        {
            ImmutableArray<Graph> bodies = [.. node.Op.Bodies.Select(body =>
            {
                var inner = new GraphEdit(body);
                foreach (int k in unused) inner.RemoveInput(body.Inputs[^k].Value);
                return inner.Freeze();
            })];
            int[] operands = [.. node.Inputs.Where((_, i) => !unused.Contains(node.Inputs.Length - i))];
            edit.Change(node, node.Op.WithBodies(bodies, captures - unused.Count), operands);
        });
    }
}
