using Nncc.Backends.Benchmarks;

namespace Nncc.Tests.Benchmarks;

public class RunTimesTests
{
    [Fact]
    public void Figures_of_times()
    {
        var times = RunTimes.Of([4, 1, 3, 2, 11]);
        Assert.Equal((5, 3.0, 1.0), (times.Runs, times.MedianMs, times.MinMs));
        Assert.Equal(4 + 0.6 * 7, times.P90Ms, 12);
        Assert.Equal(2.5, RunTimes.Of([1, 2, 3, 4]).MedianMs);
        Assert.Equal(new RunTimes(1, 7, 7, 7), RunTimes.Of([7]));
    }

    [Fact]
    public void The_ratio_has_the_spread_of_the_rounds()
    {
        var ratio = RatioEstimate.Of([([1, 1, 1], [2, 2, 2]), ([1, 1, 1], [3, 3, 3]), ([2, 2, 2], [2, 2, 2])]);
        Assert.Equal((2, 2), (ratio.Median, ratio.OfMinima));
        Assert.Equal(1.2, ratio.Low, 12);
        Assert.Equal(2.8, ratio.High, 12);
    }
}
