namespace Nncc.Backends.Benchmarks;

/// <summary>Times short pieces of work over and over.</summary>
/// <param name="clock">The clock.</param>
internal sealed class TimedWork(TimeProvider clock)
{
    /// <summary>
    /// How often a second some work is done, over at least so many milliseconds: the mean, which falls when somebody else takes the core,
    /// and by the shortest time, which does not.
    /// </summary>
    public (double Mean, double Best) Rate(Action work, double milliseconds)
    {
        work();
        long start = clock.GetTimestamp(), last = start, shortest = long.MaxValue, now;
        int count = 0;
        do
        {
            work();
            now = clock.GetTimestamp();
            (shortest, last) = (Math.Min(shortest, now - last), now);
            count++;
        }
        while (clock.GetElapsedTime(start, now).TotalMilliseconds < milliseconds);
        return (count / clock.GetElapsedTime(start, now).TotalSeconds, (double)clock.TimestampFrequency / Math.Max(1, shortest));
    }
}
