using Nncc.IR;

namespace Nncc.Passes;

/// <summary>Whether two executions of an op on the same operands give the same.</summary>
public static class Repeatability
{
    /// <summary>
    /// Whether the op gives the same results each time: it is not random, nor is any node of its bodies, and it is known what it does.
    /// </summary>
    public static bool IsRepeatable(Op op)
    {
        if (op.Bodies.IsEmpty) return op is not IR.Ops.Opaque && op.Accuracy is not RandomAccuracy;
        var pending = new Stack<Op>([op]);
        while (pending.TryPop(out var next))
        {
            if (next is IR.Ops.Opaque || next.Accuracy is RandomAccuracy) return false;
            foreach (var body in next.Bodies)
                foreach (var node in body.Nodes) pending.Push(node.Op);
        }
        return true;
    }
}
