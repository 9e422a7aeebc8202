using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Passes.Counting.Conventions;

/// <summary>ptflops: by hooks on modules and functions, or by the operators that PyTorch dispatches (aten).</summary>
internal static class Ptflops
{
    /// <summary>
    /// A ReLU module calls the function, and hooks on both count it: twice in all. Sums that a network writes with + are not hooked.
    /// </summary>
    public static CountConvention Module { get; } = new("ptflops", "MACs", "MACs",
        "products with biases, 2 an element of batch norm, 2 of ReLU (its module and its function), 1 of other activations, norms "
        + "and pools",
        node => node.Node.Op switch
        {
            BatchNormalization => node.In() * 2,
            Relu => node.Out() * 2,
            LeakyRelu or Elu or Sigmoid or Tanh or Gelu or HardSigmoid or HardSwish or PRelu or Softmax => node.In(),
            LayerNormalization or InstanceNormalization or GroupNormalization => node.In(),
            WindowPool or GlobalPool => node.In(),
            Resize => node.Out(),
            _ => node.Products() + node.Bias(),
        });

    public static CountConvention Aten { get; } = new("ptflops-aten", "MACs", "MACs",
        "convolutions without biases, matrix products with them",
        node => node.Products() + (node.Node.Op is Gemm ? node.Bias() : 0));
}
