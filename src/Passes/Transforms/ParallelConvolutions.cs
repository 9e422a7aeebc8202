using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Passes.Rules;

namespace Nncc.Passes.Transforms;

/// <summary>
/// Convolutions of neighbouring parts of a split, with as many filters of the same shape each, are one convolution with groups, as
/// exporters take it apart: [A * x, B * y] = [A; B] *' [x, y]. What all go through in the same way is done before the result is parted.
/// Each sum stays what it was.
/// </summary>
public sealed class ParallelConvolutions : IPass
{
    /// <inheritdoc/>
    public string Name => "parallel-convolutions";

    /// <inheritdoc/>
    public string Summary => "Makes one with groups of convolutions of the parts of a value, where that leaves fewer nodes.";

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context)
    {
        graph = context.InBodies(graph, Run);
        var edit = new GraphEdit(graph);
        foreach (var original in graph.Nodes)
            for (var split = edit.Find(original.Id); split?.Op is Split;) split = Merge(edit, split, context);
        return edit.Freeze();
    }

    // The split that stands in for one some of whose parts were merged; null where none were.
    private Node? Merge(GraphEdit edit, Node split, PassContext context)
    {
        var sizes = split.Outputs.Select(o => o == Node.Absent ? null
            : (edit[o].Type as TensorType)?.Shape is { Rank: > 2 } s ? s[1].Value : null).ToList();
        if (((Split)split.Op).Axis != 1 || sizes.Contains(null)) return null;
        var users = split.Outputs.Select(o => User(edit, o)).ToList();
        for (int first = 0, end; first < users.Count; first = end)
        {
            for (end = first + 1; end < users.Count && AreAlike(edit, users[first], users[end]);) end++;
            if (end - first < 2) continue;
            var group = users[first..end].Select(u => u!).ToList();
            var tail = SiblingTail.Behind(edit, group);
            Node? rest = null;
            if (tail.Objection() is { } reason) context.Refuse(Name, group[0], () => reason);
            else if (context.Step(edit, Name, () => rest = Merge(edit, context.Ops, split, first, [.. sizes.Select(s => s!.Value)], group,
                tail))) return rest;
        }
        return null;
    }

    // The convolution along whose channels a part lies, where nothing else uses it.
    private static Node? User(GraphEdit edit, int part) => part != Node.Absent && edit.UseCount(part) == 1 && !edit.IsOutput(part)
        && edit.Find(edit.Users(part)[0]) is { } user && SiblingMerge.IsCandidate(edit, user, part) ? user : null;

    private static bool AreAlike(GraphEdit edit, Node? a, Node? b) => a is not null && b is not null
        && edit.Constant(a.Inputs[1])!.Type.Equals(edit.Constant(b.Inputs[1])!.Type)
        && AttributeForms.Normal(a.Op, slot => edit[a.Inputs[slot]].Type)
            .Equals(AttributeForms.Normal(b.Op, slot => edit[b.Inputs[slot]].Type));

    private Node? Merge(GraphEdit edit, OpRegistry ops, Node split, int first, List<long> sizes, List<Node> group, SiblingTail tail)
    {
        var op = (Conv)group[0].Op with { Group = group.Count };
        int value = split.Inputs[0];
        Node? rest = null;
        if (group.Count < sizes.Count)
        {
            sizes[first] *= group.Count;
            sizes.RemoveRange(first + 1, group.Count - 1);
            string name = edit[split.Outputs[first]].Name;
            int list = edit.AddConstant(Tensor.Vector([.. sizes]), $"{name}_sizes", split.Origin, split);
            rest = edit.Insert(new Split(1), [value, list], Provenance.Merge([split.Origin], Name),
                [.. sizes.Select(_ => $"{name}_part")], split);
            for (int i = 0; i < split.Outputs.Length; i++)
                if (i < first) edit.ReplaceValue(split.Outputs[i], rest.Outputs[i]);
                else if (i >= first + group.Count) edit.ReplaceValue(split.Outputs[i], rest.Outputs[i - group.Count + 1]);
            value = rest.Outputs[first];
        }
        new SiblingMerge(edit, ops, Name, group, tail).Into(value, op);
        edit.Erase(split);
        return rest;
    }
}
