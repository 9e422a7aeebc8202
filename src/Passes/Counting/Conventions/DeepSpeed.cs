using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Passes.Counting.Conventions;

/// <summary>The flops profiler of DeepSpeed, and calflops, which follows it.</summary>
internal static class DeepSpeed
{
    public static CountConvention Convention { get; } = new("deepspeed", "FLOPs", "FLOPs",
        "2 for each multiply-accumulate, biases of convolutions, 2 an element of batch norm, 5 of layer norm, 1 of activations and of what "
        + "a pool reads (calflops counts so too)",
        node => node.Node.Op switch
        {
            Gemm => node.Products() * 2,
            BatchNormalization => node.In() * 2,
            LayerNormalization or InstanceNormalization or GroupNormalization => node.In() * 5,
            Relu or LeakyRelu or Elu or Sigmoid or Tanh or Gelu or HardSigmoid or HardSwish or PRelu or Clip => node.Out(),
            WindowPool or GlobalPool => node.In(),
            Resize => node.Out(),
            _ => node.Products() * 2 + node.Bias(),
        });
}
