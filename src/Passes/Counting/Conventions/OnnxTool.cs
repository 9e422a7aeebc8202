using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Passes.Counting.Conventions;

/// <summary>
/// onnx-tool: products with biases, and all else at a price in multiply-accumulates: 4 a division, 24 a square root, 32 an exponential,
/// 43 a logarithm. The figures of its table are of models whose batch norms are folded, convolutions and Gemm alone.
/// </summary>
internal static class OnnxTool
{
    private const int Divide = 4, Root = 24, Exponential = 32, Logarithm = 43;

    public static CountConvention Convention { get; } = new("onnx-tool", "MACs", "MACs",
        "products with biases, 31 an element of batch norm, 36 of softmax, 1 of ReLU, add and mul, 4 of div, k a result of a pool",
        node => node.Node.Op switch
        {
            BatchNormalization => node.Out() * (1 + Root + Divide + 2),
            LayerNormalization => node.In() * 7,
            InstanceNormalization => node.Out() * 14,
            Softmax => node.Out() * (Exponential + Divide),
            LogSoftmax => node.Out() * (Exponential + Divide + 1 + Logarithm),
            Relu or Add or Sub or Mul or Neg or Abs or Min or Max or Sign => node.Out() * Math.Max(1, node.Types.Inputs.Length - 1),
            Div => node.Out() * Divide,
            Sqrt => node.Out() * Root,
            Exp or Pow => node.Out() * Exponential,
            Sigmoid => node.Out() * Exponential,
            Log => node.Out() * Logarithm,
            Tanh => node.Out() * 2 * (Exponential + 2 + Divide),
            Softplus => node.Out() * (Exponential + 1 + Logarithm),
            Gelu => node.Out() * (Exponential + 2),
            HardSigmoid => node.Out() * 4,
            HardSwish => node.Out() * 5,
            Elu => node.Out() * (Exponential + 3),
            LeakyRelu or PRelu or Clip => node.Out() * 2,
            GlobalAveragePool => node.In() + node.Out() * Divide,
            WindowPool => node.Out() * node.Taps(),
            ReduceMean or ReduceSum => node.In(),
            Resize { Mode: ResizeMode.Linear } => node.Out() * 4,
            Resize { Mode: ResizeMode.Cubic } => node.Out() * 8,
            _ => node.Products() + node.Bias(),
        });
}
