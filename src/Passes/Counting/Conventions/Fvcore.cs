using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Passes.Counting.Conventions;

/// <summary>fvcore's FlopCountAnalysis (and timm's figures): multiply-accumulates that it calls flops; activations count nothing.</summary>
internal static class Fvcore
{
    public static CountConvention Convention { get; } = new("fvcore", "MACs", "flops",
        "products, 2 an element of batch norm, 5 of layer norm, 1 an element that a global average pool reads, 4 of bilinear resizing",
        node => node.Node.Op switch
        {
            BatchNormalization => node.In() * 2,
            LayerNormalization or GroupNormalization or InstanceNormalization => node.In() * 5,
            GlobalAveragePool => node.In(),
            Resize { Mode: ResizeMode.Nearest } => node.Out(),
            Resize { Mode: ResizeMode.Linear } => node.Out() * 4,
            LSTM or GRU or RNN => 0,
            _ => node.Products(),
        });
}
