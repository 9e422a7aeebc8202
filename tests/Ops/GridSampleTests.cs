using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Tests.Support;

namespace Nncc.Tests;

public class GridSampleTests
{
    private static readonly Tensor Line = OpRun.F32([1, 1, 4], 10, 20, 30, 40);

    private static double[] Sample(GridSample op, params float[] places) =>
        OpRun.One(op, Line, OpRun.F32([1, places.Length, 1], places)).ToDoubles();

    [Fact]
    public void EndsAreMiddlesOrEdges()
    {
        Assert.Equal([10, 25, 40], Sample(new GridSample(AlignCorners: true), -1, 0, 1));
        Assert.Equal([5, 25, 20], Sample(new GridSample(), -1, 0, 1)); // half of the element at the edge is outside: zero
        Assert.Equal([10, 25, 40], Sample(new GridSample(PaddingMode: GridPadding.Border), -1, 0, 1));
    }

    [Fact]
    public void OutsideOfTheImage()
    {
        // Places -2.5 and 4.5 in elements.
        Assert.Equal([0, 0], Sample(new GridSample(), -2, 1.5f));
        Assert.Equal([10, 40], Sample(new GridSample(PaddingMode: GridPadding.Border), -2, 1.5f));
        Assert.Equal([25, 35], Sample(new GridSample(PaddingMode: GridPadding.Reflection), -2, 1.5f)); // 1.5 and 2.5
        Assert.Equal([40, 25], Sample(new GridSample(AlignCorners: true, PaddingMode: GridPadding.Reflection), -3, 2)); // 3 and 1.5
    }

    [Fact]
    public void NearestGoesToEven()
    {
        Assert.Equal([30, 10], Sample(new GridSample(Mode: ResizeMode.Nearest), 0, -0.5f)); // places 1.5 and 0.5
        Assert.Equal([30, 0], Sample(new GridSample(Mode: ResizeMode.Nearest), 0.25f, 2));
    }

    [Fact]
    public void PointsNameTheLastAxisFirst()
    {
        var x = OpRun.F32([1, 1, 2, 3], 1, 2, 3, 4, 5, 6);
        Assert.Equal(OpRun.F32([1, 1, 1, 2], 3, 4), OpRun.One(new GridSample(AlignCorners: true), x,
            OpRun.F32([1, 1, 2, 2], 1, -1, -1, 1)));
    }

    [Fact]
    public void TheIdentityGridGivesTheImage()
    {
        var x = OpRun.Random(new Random(4), 2, 3, 4, 5);
        float[] grid = [.. from n in Enumerable.Range(0, 2) from i in Enumerable.Range(0, 4) from j in Enumerable.Range(0, 5)
            from c in new[] { j / 2f - 1, i * 2 / 3f - 1 } select c];
        foreach (var mode in Enum.GetValues<ResizeMode>())
            OpRun.Close(x, OpRun.One(new GridSample(true, mode), x, OpRun.F32([2, 4, 5, 2], grid)), 1e-5);
    }

    [Fact]
    public void OldFormsAreRead()
    {
        var x = OpRun.Random(new Random(4), 1, 1, 4, 5);
        var grid = OpRun.Random(new Random(5), 1, 3, 3, 2);
        Assert.Equal(OpRun.One(new GridSample(), x, grid), OneNode.Run(16, "GridSample", [("mode", "bilinear")], 1, x, grid)[0]);
        Assert.Equal(OpRun.One(new GridSample(Mode: ResizeMode.Cubic), x, grid),
            OneNode.Run(16, "GridSample", [("mode", "bicubic")], 1, x, grid)[0]);
    }
}
