using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Tests;

public class LearnedTests
{
    [Fact]
    public void ANormalizerDividesByTheGreatestNumberAndNotTheGreatestMagnitude()
    {
        var x = OpRun.F32([3, 2], -2, -4, 0, -3, 4, -8);
        Assert.Equal(OpRun.F32([3, 2], 1, 2, 0, -3, 1, -2), OpRun.One(new Normalizer(), x));
        Assert.Equal(OpRun.F32([2], 1, 3), OpRun.One(new Normalizer(), Tensor.Vector<long>(-1, -3)));
    }
}
