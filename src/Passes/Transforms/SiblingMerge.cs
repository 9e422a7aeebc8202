using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Passes.Rules;

namespace Nncc.Passes.Transforms;

/// <summary>Puts one convolution in for several.</summary>
/// <param name="edit">The graph.</param>
/// <param name="ops">Its ops.</param>
/// <param name="pass">Who does it.</param>
/// <param name="group">The convolutions.</param>
/// <param name="tail">What is alike behind them.</param>
internal sealed class SiblingMerge(GraphEdit edit, OpRegistry ops, string pass, List<Node> group, SiblingTail tail)
{
    /// <summary>Whether a node is a convolution of the value whose filters are constant and its own.</summary>
    public static bool IsCandidate(GraphEdit edit, Node node, int value) => node.Op is Conv { Group: 1 } && node.Inputs[0] == value
        && edit.Constant(node.Inputs[1]) is not null && edit.UseCount(node.Inputs[1]) == 1
        && (node.Inputs.Length < 3 || node.Inputs[2] == Node.Absent || edit.Constant(node.Inputs[2]) is not null);

    /// <summary>Makes the one convolution, what is alike behind all, and the parts, which it gives.</summary>
    /// <param name="value">What it is of.</param>
    /// <param name="op">What it does.</param>
    public IEnumerable<int> Into(int value, Op op)
    {
        var first = group[0];
        var origin = Provenance.Merge(group.Concat(tail.Levels.SelectMany(l => l)).Select(n => n.Origin), pass);
        string name = edit[first.Outputs[0]].Name;
        var plan = new RewritePlan(edit, ops);
        var weights = group.Select(n => edit.Constant(n.Inputs[1])!).ToList();
        var biases = group.Select(n => n.Inputs.Length > 2 && n.Inputs[2] != Node.Absent ? edit.Constant(n.Inputs[2]) : null).ToList();
        List<int> operands = [value, Constant(weights, "weights")];
        if (biases.Any(b => b is not null))
            operands.Add(Constant([.. biases.Select((b, i) => b ?? Tensor.FromDoubles(weights[i].DType, [weights[i].Dims[0]],
                new double[weights[i].Dims[0]]))], "bias"));
        var made = edit.Insert(op, operands.ToArray(), origin, [$"{name}_merged"], first);
        foreach (var level in tail.Levels)
        {
            int[] others = [.. level[0].Inputs.Skip(1)];
            if (level[0].Op is Reshape)
                others = [edit.AddConstant(Tensor.Vector([.. tail.Reshaped!]), $"{name}_sizes", origin, level[0])];
            made = edit.Insert(level[0].Op, [made.Outputs[0], .. others], origin, [$"{name}_merged"], level[0]);
        }
        var last = tail.Levels.Count > 0 ? tail.Levels[^1] : [.. group];
        int parts = edit.AddConstant(Tensor.Vector([.. tail.Sizes]), $"{name}_parts", origin, last[0]);
        var split = edit.Insert(new Split(tail.Axis), [made.Outputs[0], parts], origin, [.. last.Select(_ => $"{name}_part")], last[0]);
        for (int i = 0; i < last.Length; i++)
        {
            string old = edit[last[i].Outputs[0]].Name;
            edit.ReplaceValue(last[i].Outputs[0], split.Outputs[i]);
            edit.Rename(last[i].Outputs[0], $"{old}_old");
            edit.Rename(split.Outputs[i], old);
        }
        foreach (var node in tail.Levels.AsEnumerable().Reverse().SelectMany(l => l).Concat(group)) edit.Erase(node);
        return split.Outputs;

        int Constant(List<Tensor> tensors, string what)
        {
            object joined = plan.Apply(new Concat(0), [.. tensors.Select(t => (Operand?)RewritePlan.Constant(t))], 1);
            if (tail.Order is { } order)
                joined = plan.Apply(new Gather(0), [(Operand)joined, RewritePlan.Constant(Tensor.Vector([.. order]))], 1);
            return edit.AddConstant(((Operand)joined).Constant!, $"{name}_{what}", origin, first);
        }
    }
}
