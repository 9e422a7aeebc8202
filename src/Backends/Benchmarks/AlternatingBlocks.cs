namespace Nncc.Backends.Benchmarks;

/// <summary>
/// Times engines in turns: each round runs a block of every engine, in an order that turns round by round, between two probes of the
/// machine. A round during which the probe moved is set aside and counts only where there are not enough others.
/// </summary>
/// <param name="engines">The engines.</param>
/// <param name="options">How long they run.</param>
/// <param name="probe">The machine's peak at the moment.</param>
internal sealed class AlternatingBlocks(IReadOnlyList<Contestant> engines, BenchmarkOptions options, Func<double> probe)
{
    /// <summary>How far the probe may move within a round.</summary>
    public const double MostMove = 0.03;

    private const double BlockMs = 100, WarmUpMs = 3000, SettleMs = 10;
    private const int WarmUpRuns = 20, MostRunsOfBlock = 100_000, MostSettles = 100;

    // Without a quiet machine so many times the wanted time is enough.
    private const int Patience = 3;

    private readonly TimeProvider clock = options.Clock;
    private readonly List<Round> rounds = [];

    /// <param name="Times">Milliseconds of each run, by engine.</param>
    /// <param name="Peak">The machine's peak after it.</param>
    /// <param name="IsQuiet">Whether that is as before it.</param>
    private sealed record Round(double[][] Times, double Peak, bool IsQuiet);

    /// <summary>Measures.</summary>
    public void Measure(CancellationToken cancellation)
    {
        int[] runs = [.. engines.Select(engine => RunsOfBlock(WarmUp(engine, cancellation)))];
        GC.Collect();
        long start = clock.GetTimestamp();
        double peak = probe();
        do
        {
            cancellation.ThrowIfCancellationRequested();
            var times = new double[engines.Count][];
            for (int turn = 0; turn < engines.Count; turn++)
            {
                int engine = rounds.Count % 2 == 0 ? turn : engines.Count - 1 - turn;
                Settle();
                times[engine] = Block(engines[engine], runs[engine]);
            }
            Settle();
            double after = probe();
            rounds.Add(new Round(times, after, Math.Abs(after - peak) <= MostMove * Math.Max(after, peak)));
            peak = after;
        }
        while (!IsDone(clock.GetElapsedTime(start).TotalSeconds));
    }

    /// <summary>Times of the rounds that count, by engine, in milliseconds.</summary>
    public IEnumerable<double[][]> Counted => rounds.Where(r => r.IsQuiet || IsDisturbed).Select(r => r.Times);

    /// <summary>Whether the machine was not quiet for long enough, so that all rounds count.</summary>
    public bool IsDisturbed { get; private set; }

    /// <summary>How the rounds went.</summary>
    public RoundReport Report =>
        new(rounds.Count, rounds.Count(r => !r.IsQuiet), IsDisturbed, rounds.Min(r => r.Peak), rounds.Max(r => r.Peak));

    private bool IsDone(double elapsed)
    {
        if (IsEnough(rounds.Where(r => r.IsQuiet))) return true;
        bool isOver = elapsed >= options.MostSeconds;
        if (!isOver && (elapsed < Patience * options.Seconds * engines.Count || !IsEnough(rounds))) return false;
        // Few rounds on a quiet machine are better than many on another.
        IsDisturbed = 2 * rounds.Count(r => r.IsQuiet) < rounds.Count;
        return true;
    }

    private bool IsEnough(IEnumerable<Round> some)
    {
        var given = some.ToList();
        for (int engine = 0; engine < engines.Count; engine++)
        {
            if (given.Sum(r => r.Times[engine].Length) < options.Runs) return false;
            if (given.Sum(r => r.Times[engine].Sum()) < options.Seconds * 1000) return false;
        }
        return given.Count > 0;
    }

    // Milliseconds of a run, after enough of them.
    private double WarmUp(Contestant engine, CancellationToken cancellation)
    {
        long start = clock.GetTimestamp();
        double elapsed = 0, shortest = double.PositiveInfinity;
        for (int i = 0; i == 0 || (i < WarmUpRuns && elapsed < Math.Min(WarmUpMs, options.MostSeconds * 1000)); i++)
        {
            cancellation.ThrowIfCancellationRequested();
            double before = elapsed;
            engine.Run();
            elapsed = clock.GetElapsedTime(start).TotalMilliseconds;
            shortest = Math.Min(shortest, elapsed - before);
        }
        return shortest;
    }

    private static int RunsOfBlock(double milliseconds) => (int)Math.Clamp(BlockMs / Math.Max(milliseconds, 1e-6), 1, MostRunsOfBlock);

    private double[] Block(Contestant engine, int runs)
    {
        var stamps = new long[runs + 1];
        stamps[0] = clock.GetTimestamp();
        for (int i = 1; i <= runs; i++)
        {
            engine.Run();
            stamps[i] = clock.GetTimestamp();
        }
        double unit = 1000.0 / clock.TimestampFrequency;
        return [.. stamps.Skip(1).Zip(stamps, (end, begin) => (end - begin) * unit)];
    }

    // Threads of an engine that spin for a while after a run must not take a core from the next one.
    private void Settle()
    {
        if (options.Threads == 1) return;
        for (int i = 0; i < MostSettles; i++)
        {
            var busy = Environment.CpuUsage.TotalTime;
            Thread.Sleep(TimeSpan.FromMilliseconds(SettleMs));
            if ((Environment.CpuUsage.TotalTime - busy).TotalMilliseconds < SettleMs / 4) return;
        }
    }
}
