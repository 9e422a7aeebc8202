using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Passes.Rules;

namespace Nncc.Passes.Transforms;

/// <summary>
/// Convolutions of one value that differ in their filters only are one convolution, whose result is parted: [A; B] * x = [A * x; B * x].
/// What all parts go through in the same way (an activation, a transpose, a reshape of the channels) is done before parting. Taken where
/// that leaves fewer nodes, parts no convolution from its activation, and moves no more than it spares. Each sum stays what it was.
/// </summary>
public sealed class SiblingConvolutions : IPass
{
    /// <inheritdoc/>
    public string Name => "sibling-convolutions";

    /// <inheritdoc/>
    public string Summary => "Makes one of convolutions of one value where that leaves fewer nodes; never changes a sum.";

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context)
    {
        graph = context.InBodies(graph, Run);
        var edit = new GraphEdit(graph);
        var open = new Queue<int>(graph.Values.Select(v => v.Id));
        while (open.TryDequeue(out int value))
        {
            if (edit.UseCount(value) < 2) continue;
            var groups = edit.Users(value).Distinct().Order().Select(id => edit.Find(id)!)
                .Where(n => SiblingMerge.IsCandidate(edit, n, value))
                .GroupBy(n => AttributeForms.Normal(n.Op, slot => edit[n.Inputs[slot]].Type)).Where(g => g.Count() > 1);
            foreach (var group in groups.Select(g => g.ToList()).ToList())
            {
                var tail = SiblingTail.Behind(edit, group);
                if (tail.Objection() is { } reason) context.Refuse(Name, group[0], () => reason);
                else context.Step(edit, Name, () =>
                {
                    var merge = new SiblingMerge(edit, context.Ops, Name, group, tail);
                    foreach (int part in merge.Into(value, group[0].Op)) open.Enqueue(part);
                });
            }
        }
        return edit.Freeze();
    }
}
