using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests.Laws;

internal static class ShapeCases
{
    private static IEnumerable<OpCase> Moves =>
        from dtype in DTypes.All
        from c in new[]
        {
            new OpCase(new Unsqueeze(), Sample.Of(dtype, 2, 3), Sample.Longs(0, -1)),
            new OpCase(new Constant(Sample.Of(dtype, 2, 3))),
        }
        select c;
}
