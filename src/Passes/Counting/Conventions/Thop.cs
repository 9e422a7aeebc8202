using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Passes.Counting.Conventions;

/// <summary>
/// thop (pytorch-OpCounter): hooks on modules, so products of two computed values, as attention has them, count nothing. A transposed
/// convolution counts on the size of its result.
/// </summary>
internal static class Thop
{
    public static CountConvention Convention { get; } = new("thop", "MACs", "MACs",
        "layers with weights, 4 an element of norms, 3n - 1 a softmax of n, k + 1 a result of an adaptive average pool, no attention",
        node => node.Node.Op switch
        {
            Conv or Gemm => node.Products(),
            MatMul => node.IsLayer() ? node.Products() : 0,
            ConvTranspose op => node.Out() * Dim.FloorDiv(node.Types.Input(0)[1], op.Group) * Dim.Product(node.Types.Input(1).Dims.Skip(2)),
            BatchNormalization or LayerNormalization or InstanceNormalization => node.In() * 4,
            Softmax softmax => node.In() * 3 - node.SoftmaxRows(softmax.Axis),
            GlobalAveragePool => node.Out() * (node.Taps() + 1),
            AveragePool => node.Out(),
            Resize { Mode: ResizeMode.Linear } => node.Out() * 11,
            Resize { Mode: ResizeMode.Cubic } => node.Out() * 259,
            RecurrentOp => Recurrent(node),
            _ => 0,
        });

    // For each step, gate and hidden value: both products, their sum, two biases; and 4 more for the states of LSTM and GRU.
    private static Dim Recurrent(NodeCount node)
    {
        if (node.Types.Input(0) is not { Rank: 3 } x || node.Types.Input(2) is not { Rank: 3 } r) return 0;
        var values = x[0] * x[1] * r[0] * r[2];
        long gates = node.Node.Op switch { LSTM => 4, GRU => 3, _ => 1 };
        bool biased = node.Types.Inputs.Length > 3 && node.Types.Inputs[3] is not null;
        return values * gates * (x[2] + r[2] + (biased ? 3 : 1)) + values * (gates > 1 ? 4 : 0);
    }
}
