using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Laws;

internal static class IdiomCases
{
    private static IEnumerable<OpCase> Own =>
    [
        new(new Standardization([1]), Sample.Floats(2, 3, 4)),
        new(new Standardization([-1, 0], 0.5f), Sample.Floats(2, 3, 4)),
        new(new Standardization([0]), Sample.Of(DType.Float64, 5)),
        new(new Standardization([2], 0.001f), Sample.Of(DType.Float16, 2, 3, 4)),
        new(new L2Normalization([1]), Sample.Floats(2, 3, 4)),
        new(new L2Normalization([-1, -2], 1e-12f), Sample.Floats(2, 3, 4)),
        new(new L2Normalization([0], 20), Sample.Of(DType.Float64, 5)),
        new(new L2Normalization([1], 0.01f), Sample.Of(DType.Float16, 2, 3)),
        new(new ChannelShuffle(2), Sample.Floats(2, 6, 3, 2)),
        new(new ChannelShuffle(3), Sample.Floats(1, 6)),
        new(new ChannelShuffle(1), Sample.Of(DType.UInt8, 2, 4, 3)),
        new(new SqueezeExcite(), Sample.Floats(2, 4, 3, 2), Sample.Floats(3, 4, 1, 1), Sample.Floats(3), Sample.Floats(4, 3, 1, 1),
            Sample.Floats(4)),
        new(new SqueezeExcite(ExcitationActivation.Swish, ExcitationGate.HardSigmoid, 0.1f, 0.4f), Sample.Floats(1, 4, 3, 2),
            Sample.Floats(2, 4, 1, 1), null, Sample.Floats(4, 2, 1, 1), null),
        new(new SqueezeExcite(ExcitationActivation.HardSwish), Sample.Of(DType.Float64, 1, 2, 3, 2), Sample.Of(DType.Float64, 1, 2, 1, 1),
            null, Sample.Of(DType.Float64, 2, 1, 1, 1), Sample.Of(DType.Float64, 2)),
    ];
}
