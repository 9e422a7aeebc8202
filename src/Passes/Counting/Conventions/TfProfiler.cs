using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Passes.Counting.Conventions;

/// <summary>
/// tf.profiler's float_ops: ops without a registered figure count nothing: batched products, fused batch norms, activations.
/// </summary>
internal static class TfProfiler
{
    public static CountConvention Convention { get; } = new("tfprof", "FLOPs", "float_ops",
        "2 for each multiply-accumulate but of batched products, biases, add and mul, 5 an element of softmax, k a result of a pool",
        node => node.Node.Op switch
        {
            MatMul => node.Types.Output(0).Rank <= 2 ? node.Products() * 2 : 0,
            Conv or ConvTranspose or Gemm => node.Products() * 2 + node.Bias(),
            Add or Sub or Mul => node.Out(),
            Softmax => node.In() * 5,
            MaxPool or AveragePool or GlobalAveragePool => node.Out() * node.Taps(),
            _ => 0,
        });
}
