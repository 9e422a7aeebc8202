using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Passes.Counting.Conventions;

/// <summary>The quantities that conventions are made of, for one execution of a node.</summary>
internal static class NodeFigures
{
    /// <summary>Elements of the first result.</summary>
    public static Dim Out(this NodeCount node) => node.Types.Output(0).Count;

    /// <summary>Elements of the first operand.</summary>
    public static Dim In(this NodeCount node) => node.Types.Inputs.Length == 0 ? 0 : node.Types.Input(0).Count;

    /// <summary>Multiply-accumulates, of integers too.</summary>
    public static Dim Products(this NodeCount node) => node.Node.Op.Measure(node.Types).Macs;

    /// <summary>Elements of the first result where the node adds a bias of its own, else 0.</summary>
    public static Dim Bias(this NodeCount node) => HasBias(node) ? node.Out() : 0;

    /// <summary>Whether the node adds a bias of its own: a third operand of a convolution or Gemm.</summary>
    public static bool HasBias(this NodeCount node) =>
        node.Node.Op is Conv or ConvTranspose or Gemm && node.Types.Inputs.Length > 2 && node.Types.Inputs[2] is not null;

    /// <summary>Taps of a pooling window; of one over all spatial axes their product.</summary>
    public static Dim Taps(this NodeCount node) => node.Node.Op switch
    {
        WindowPool pool => pool.KernelShape.Aggregate(1L, (taps, k) => checked(taps * k)),
        GlobalPool => Dim.Product(node.Types.Input(0).Dims.Skip(2)),
        _ => 1,
    };

    /// <summary>Number of sums that a softmax takes: elements over the size of its axis.</summary>
    public static Dim SoftmaxRows(this NodeCount node, long axis)
    {
        var shape = node.Types.Input(0);
        int at = (int)(axis < 0 ? axis + shape.Rank : axis);
        return Dim.Product(shape.Dims.RemoveAt(at));
    }

    /// <summary>Whether the node is a layer with weights, as module hooks see it, and no product of two computed values.</summary>
    public static bool IsLayer(this NodeCount node) => node.HasConstantFactor;
}
