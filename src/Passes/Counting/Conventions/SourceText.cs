using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Passes.Counting.Conventions;

/// <summary>
/// The formulas that texts about FLOPs repeat, with their mixture of units: a convolution at 1 for each multiply-accumulate, a fully
/// connected layer at 2n - 1, batch norms left out.
/// </summary>
internal static class SourceText
{
    public static CountConvention Convention { get; } = new("text", "mixed", "FLOPs",
        "as tutorials have it: a convolution 1 for each multiply-accumulate and bias, a product 2n - 1 a result, softmax 3n - 1, no batch "
            + "norm",
        node => node.Node.Op switch
        {
            Gemm or MatMul => node.Products() * 2 - node.Out(),
            Conv or ConvTranspose => node.Products() + node.Bias(),
            Relu => node.In(),
            Sigmoid => node.In() * 4,
            Tanh => node.In() * 5,
            Softmax softmax => node.In() * 3 - node.SoftmaxRows(softmax.Axis),
            MaxPool => node.Out(),
            AveragePool or GlobalAveragePool => node.Out() * (node.Taps() + 1),
            _ => 0,
        });
}
