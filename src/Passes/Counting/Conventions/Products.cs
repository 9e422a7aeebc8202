using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Passes.Counting.Conventions;

/// <summary>The conventions that count products and nothing else.</summary>
internal static class Products
{
    public static CountConvention Mac { get; } = new("mac", "MACs", "MACs", "multiply-accumulates of products", NodeFigures.Products);

    public static CountConvention Flop2 { get; } = new("flop2", "FLOPs", "FLOPs", "2 for each multiply-accumulate of products",
        node => node.Products() * 2);

    public static CountConvention Exact { get; } = new("exact", "FLOPs", "FLOPs",
        "products as executed: n multiplications and n - 1 additions a sum, and one for a bias",
        node => node.Products() * 2 - Sums(node) + node.Bias());

    public static CountConvention Torchvision { get; } = new("torchvision", "MACs", "GFLOPS",
        "convolutions and matrix products, as multiply-accumulates", NodeFigures.Products);

    // How many sums of products the node takes.
    private static Dim Sums(NodeCount node) => node.Node.Op switch
    {
        Conv or ConvInteger or Gemm or MatMul or MatMulInteger or ConvTranspose => node.Out(),
        Einsum when node.Types.Inputs.Length == 2 => node.Out(),
        _ => 0,
    };
}
