using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Passes.Rules;

namespace Nncc.Passes.Transforms;

/// <summary>Brings a factor and a summand for each element back through movements to the nodes with weights, and into these.</summary>
/// <param name="edit">The graph.</param>
/// <param name="ops">Its ops.</param>
internal sealed class AffineWalk(GraphEdit edit, OpRegistry ops)
{
    private readonly RewritePlan plan = new(edit, ops);
    private readonly List<(Node Node, Op Op, Tensor Weights, Tensor? Bias)> leaves = [];
    private readonly Stack<(int Value, Tensor Factor, Tensor Summand)> open = new();

    /// <summary>Why the map cannot go into weights; null where it can, which <see cref="Commit"/> does.</summary>
    public string? Objection(AffineMap map)
    {
        open.Push((map.Value, map.Factor, map.Summand));
        while (open.TryPop(out var next))
        {
            var (value, factor, summand) = next;
            string name = edit[value].Name;
            if (edit.UseCount(value) != 1 || edit.IsOutput(value)) return $"\"{name}\" is used elsewhere too";
            if (edit.Producer(value) is not { } node) return $"\"{name}\" is an input and has no weights";
            if (node.Inputs.IsEmpty) return $"\"{name}\" is a {node.Op.FullName} and has no weights";
            if (edit[node.Inputs[0]].Type is not TensorType { Shape: { } shape } || shape.ToStatic() is not { } dims)
                return $"\"{name}\" has no known size";
            if (Step(node, value, dims, factor, summand) is { } reason) return reason;
        }
        return null;
    }

    /// <summary>Puts the new weights in.</summary>
    public void Commit(Provenance root)
    {
        foreach (var (node, op, weights, bias) in leaves)
        {
            var origin = Provenance.Merge([node.Origin, root], "affine-absorption");
            string name = edit[node.Outputs[0]].Name;
            int w = edit.AddConstant(weights, $"{name}_weights", origin, node);
            int[] operands = bias is null ? [node.Inputs[0], w]
                : [node.Inputs[0], w, edit.AddConstant(bias, $"{name}_bias", origin, node)];
            edit.Change(node, op, operands, origin);
        }
    }

    private string? Step(Node node, int value, long[] dims, Tensor factor, Tensor summand)
    {
        switch (node.Op)
        {
            case Reshape or Flatten or Squeeze or Unsqueeze:
                return Push(node.Inputs[0], Do(new Reshape(), factor, dims), Do(new Reshape(), summand, dims));
            case Transpose transpose:
                long[] perm = transpose.Perm.IsEmpty ? [.. Enumerable.Range(0, dims.Length).Reverse().Select(i => (long)i)]
                    : [.. transpose.Perm];
                var back = new Transpose(Enumerable.Range(0, perm.Length).Select(i => (long)Array.IndexOf(perm, i)).ToEquatable());
                return Push(node.Inputs[0], Do(back, factor), Do(back, summand));
            case Split split:
                int axis = (int)(split.Axis < 0 ? split.Axis + dims.Length : split.Axis);
                long before = node.Outputs.Take(edit[value].Slot).Sum(o => Size(o, axis));
                if (node.Outputs.Any(o => Size(o, axis) < 0))
                    return $"the parts of \"{edit[node.Inputs[0]].Name}\" have no known size";
                long after = dims[axis] - before - Size(value, axis);
                return Push(node.Inputs[0], Padded(factor, axis, before, after, 1), Padded(summand, axis, before, after, 0));
            case Concat concat:
                int along = (int)(concat.Axis < 0 ? concat.Axis + dims.Length : concat.Axis);
                long at = 0;
                foreach (int operand in node.Inputs)
                {
                    if (Size(operand, along) is not (>= 0 and var size)) return $"the parts of \"{edit[value].Name}\" have no known size";
                    Push(operand, Cut(factor, along, at, at + size), Cut(summand, along, at, at + size));
                    at += size;
                }
                return null;
            default:
                return new AffineLeaf(edit, plan).Take(node, factor, summand, leaves);
        }
    }

    private long Size(int value, int axis) => value == Node.Absent ? -1
        : (edit[value].Type as TensorType)?.Shape is { } shape && axis < shape.Rank ? shape[axis].Value ?? -1 : -1;

    private string? Push(int value, Tensor factor, Tensor summand)
    {
        open.Push((value, factor, summand));
        return null;
    }

    private Tensor Padded(Tensor tensor, int axis, long before, long after, double fill)
    {
        long[] pads = new long[2 * tensor.Rank];
        (pads[axis], pads[tensor.Rank + axis]) = (before, after);
        return Do(new Pad(), tensor, Tensor.Vector(pads), Tensor.FromDoubles(DType.Float64, [], [fill]));
    }

    private Tensor Cut(Tensor tensor, int axis, long from, long to) =>
        Do(new Slice(), tensor, Tensor.Vector(from), Tensor.Vector(to), Tensor.Vector((long)axis));

    private Tensor Do(Op op, Tensor tensor, long[] sizes) => Do(op, tensor, Tensor.Vector(sizes));

    private Tensor Do(Op op, params Tensor[] operands) =>
        ((Operand)plan.Apply(op, [.. operands.Select(o => (Operand?)RewritePlan.Constant(o))], 1)).Constant!;
}
