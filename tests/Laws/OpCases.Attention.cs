using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Laws;

internal static class AttentionCases
{
    private static IEnumerable<OpCase> Attentions =>
    [
        new(new Attention(), Sample.Floats(2, 2, 3, 4), Sample.Floats(2, 2, 5, 4), Sample.Floats(2, 2, 5, 2)),
        new(new Attention(IsCausal: true, Scale: 0.3f, Softcap: 2), Sample.Floats(1, 4, 3, 4), Sample.Floats(1, 2, 3, 4),
            Sample.Floats(1, 2, 3, 4), Sample.Floats(3, 5), Sample.Floats(1, 2, 2, 4), Sample.Floats(1, 2, 2, 4)) { Results = 3 },
        new(new Attention(KvNumHeads: 1, QNumHeads: 2, QkMatmulOutputMode: 3), Sample.Floats(1, 3, 8), Sample.Floats(1, 3, 4),
            Sample.Floats(1, 3, 4), Sample.Of(DType.Bool, 1, 1, 3, 3)) { Results = 4 },
        new(new Attention(IsCausal: true), Sample.Floats(2, 1, 2, 4), Sample.Floats(2, 1, 4, 4), Sample.Floats(2, 1, 4, 4), null, null,
            null,
            Sample.Longs(3, 4)),
        new(new Attention(LeftWindowSize: 1, RightWindowSize: 0), Sample.Floats(1, 1, 4, 2), Sample.Floats(1, 1, 4, 2),
            Sample.Floats(1, 1, 4, 2)),
        new(new LinearAttention(2, 2), Sample.Floats(1, 3, 4), Sample.Floats(1, 3, 4), Sample.Floats(1, 3, 6),
            Sample.Floats(1, 2, 2, 3), Sample.Floats(1, 3, 2), Sample.Fractions(1, 3, 1)) { Results = 2 },
        new(new LinearAttention(1, 2, UpdateRule: LinearAttentionRule.Linear), Sample.Floats(1, 3, 4), Sample.Floats(1, 3, 2),
            Sample.Floats(1, 3, 3)) { Results = 2 },
        new(new CausalConvWithState(CausalConvActivation.Silu), Sample.Floats(2, 3, 4), Sample.Floats(3, 1, 3), Sample.Floats(3),
            Sample.Floats(2, 3, 2)) { Results = 2 },
        new(new CausalConvWithState(), Sample.Floats(1, 2, 4), Sample.Floats(2, 1, 1)) { Results = 2 },
    ];

    private static IEnumerable<OpCase> Rotations =>
    [
        new(new RotaryEmbedding(), Sample.Floats(2, 2, 3, 4), Sample.Floats(5, 2), Sample.Floats(5, 2),
            Tensor.Of([2, 3], new long[] { 0, 1, 2, 4, 3, 0 })),
        new(new RotaryEmbedding(true, 2, 2), Sample.Floats(1, 3, 8), Sample.Floats(1, 3, 1), Sample.Floats(1, 3, 1)),
    ];
}
