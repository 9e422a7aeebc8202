using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Passes.Transforms;

/// <summary>
/// Slices that part a value along one axis, without gap or overlap, are one Split: x[0:a], x[a:b], x[b:] = split(x, [a, b-a, n-b]).
/// </summary>
public sealed class SlicesToSplit : IPass
{
    /// <inheritdoc/>
    public string Name => "slices-to-split";

    /// <inheritdoc/>
    public string Summary => "Leaves no value that several slices part along one axis. Needs sizes that are known there.";

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context)
    {
        graph = context.InBodies(graph, Run);
        var edit = new GraphEdit(graph);
        var open = new Queue<int>(graph.Values.Select(v => v.Id));
        while (open.TryDequeue(out int value))
        {
            if (edit.UseCount(value) < 2 || edit[value].Type is not TensorType { Shape: { } shape }) continue;
            var cuts = edit.Users(value).Distinct().Order().Select(id => Cut.Of(edit, edit.Find(id)!, value, shape)).OfType<Cut>()
                .ToList();
            foreach (var group in cuts.GroupBy(cut => cut.Axis).Where(g => g.Count() > 1))
            {
                var parts = group.OrderBy(cut => cut.From).ToList();
                if (Obstacle(parts, shape[group.Key].Value) is { } reason) context.Refuse(Name, parts[0].Node, () => reason);
                else context.Step(edit, Name, () =>
                {
                    foreach (int part in Part(edit, value, group.Key, parts)) open.Enqueue(part);
                });
            }
        }
        return edit.Freeze();
    }

    private static string? Obstacle(List<Cut> parts, long? size)
    {
        long at = 0;
        foreach (var part in parts)
        {
            if (part.From != at) return $"the slices of axis {part.Axis} leave out what is between {at} and {part.From}, or overlap";
            at = part.To;
        }
        return at == size ? null : $"the slices of axis {parts[0].Axis} end at {at} of {size}";
    }

    private static IEnumerable<int> Part(GraphEdit edit, int value, long axis, List<Cut> parts)
    {
        var first = parts[0].Node;
        var origin = Provenance.Merge(parts.Select(p => p.Node.Origin), "slices-to-split");
        int sizes = edit.AddConstant(Tensor.Vector([.. parts.Select(p => p.To - p.From)]), $"{edit[first.Outputs[0]].Name}_sizes", origin,
            first);
        var split = edit.Insert(new Split(axis), [value, sizes], origin,
            [.. parts.Select(p => $"{edit[p.Node.Outputs[0]].Name}_part")], first);
        for (int i = 0; i < parts.Count; i++)
        {
            string name = edit[parts[i].Node.Outputs[0]].Name;
            edit.ReplaceValue(parts[i].Node.Outputs[0], split.Outputs[i]);
            edit.Erase(parts[i].Node);
            edit.Rename(split.Outputs[i], name);
        }
        return split.Outputs;
    }

    // A slice of one axis, forward and of all elements between.
    private sealed record Cut(Node Node, int Axis, long From, long To)
    {
        public static Cut? Of(GraphEdit edit, Node node, int value, Shape shape)
        {
            if (node.Op is not Slice || node.Inputs[0] != value || !edit.IsUsed(node.Outputs[0])) return null;
            long? At(int slot) => node.Inputs.Length > slot && node.Inputs[slot] != Node.Absent
                ? edit.Constant(node.Inputs[slot]) is { Count: 1 } one ? one.ToLongs()[0] : null : slot == 3 ? 0 : 1;
            if (At(1) is not { } from || At(2) is not { } to || At(3) is not { } axis || At(4) is not 1) return null;
            if (axis < 0) axis += shape.Rank;
            if (shape[(int)axis].Value is not { } size) return null;
            from = Math.Clamp(from < 0 ? from + size : from, 0, size);
            to = Math.Clamp(to < 0 ? to + size : to, 0, size);
            return from < to ? new Cut(node, (int)axis, from, to) : null;
        }
    }
}
