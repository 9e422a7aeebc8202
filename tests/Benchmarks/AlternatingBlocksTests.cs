using System.Collections.Immutable;
using Nncc.Backends.Benchmarks;
using Nncc.IR;

namespace Nncc.Tests.Benchmarks;

/// <summary>Rounds of measuring on a clock that moves only when an engine runs.</summary>
public class AlternatingBlocksTests
{
    private sealed class Hand : TimeProvider
    {
        public double Milliseconds { get; set; }

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => (long)Math.Round(Milliseconds * 1000);
    }

    private sealed class Sleeper(Hand clock, string name, double milliseconds, List<string> log) : Contestant
    {
        public override string Engine => name;

        public override ImmutableArray<Datum> Outputs => [];

        public override void Run()
        {
            clock.Milliseconds += milliseconds;
            if (log.LastOrDefault() != name) log.Add(name);
        }

        public override void Dispose() { }
    }

    private readonly Hand clock = new();
    private readonly List<string> turns = [];

    private AlternatingBlocks Measure(BenchmarkOptions options, Func<int, double> peak)
    {
        int probes = 0;
        var blocks = new AlternatingBlocks([new Sleeper(clock, "a", 2, turns), new Sleeper(clock, "b", 3, turns)], options,
            () => peak(probes++));
        blocks.Measure(CancellationToken.None);
        return blocks;
    }

    private BenchmarkOptions Options => new() { Clock = clock, Runs = 200, Seconds = 0.5 };

    [Fact]
    public void Runs_until_both_the_runs_and_the_time_are_reached_and_turns_the_order()
    {
        var blocks = Measure(Options, _ => 100);
        // A block is 100 ms: 50 runs of a, 33 of b, of which 200 take 7 blocks.
        Assert.Equal(new RoundReport(7, 0, false, 100, 100), blocks.Report);
        // Warm-up, then a block of each; what runs twice in a row stands once.
        Assert.Equal("a b a b a b a b a b".Split(' '), turns);
        Assert.All(blocks.Counted, times => Assert.All(times[0], t => Assert.Equal(2, t, 9)));
    }

    [Fact]
    public void A_round_in_which_the_peak_moved_does_not_count()
    {
        // The second round is disturbed, and the third begins with what the disturbance left.
        var blocks = Measure(Options, probe => probe == 2 ? 90 : 100);
        Assert.Equal((2, false), (blocks.Report.Rejected, blocks.Report.IsDisturbed));
        Assert.Equal(blocks.Report.Count - 2, blocks.Counted.Count());
        Assert.Equal((90, 100), (blocks.Report.LeastPeak, blocks.Report.MostPeak));
    }

    [Fact]
    public void On_a_machine_that_is_never_quiet_it_ends_and_says_so()
    {
        var blocks = Measure(Options, probe => probe % 2 == 0 ? 100 : 80);
        Assert.True(blocks.Report.IsDisturbed);
        Assert.Equal(blocks.Report.Count, blocks.Counted.Count());
        Assert.InRange(clock.Milliseconds, 3000, 4000);
    }

    [Fact]
    public void It_ends_when_the_time_is_over()
    {
        var blocks = Measure(Options with { Runs = int.MaxValue, MostSeconds = 1 }, _ => 100);
        Assert.False(blocks.Report.IsDisturbed);
        Assert.InRange(clock.Milliseconds, 1000, 1500);
    }
}
