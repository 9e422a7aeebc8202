using Nncc.Passes.Targets;

namespace Nncc.Backends.Benchmarks;

/// <summary>
/// What one core of this machine does at the moment, with the vectors of a target: multiply-adds from registers alone, and reading from
/// each level of memory. A short run that says whether the clock moved or somebody else took the core.
/// </summary>
/// <param name="target">Says how wide vectors are and how large caches.</param>
/// <param name="clock">The clock.</param>
internal sealed class MachineProbe(TargetProfile target, TimeProvider clock)
{
    private const int Rounds = 1 << 15;
    private const double PeakMs = 6, ReadMs = 10;

    private readonly TimedWork timed = new(clock);

    /// <summary>
    /// Speed over a few milliseconds, in GFLOP/s (a multiply-add is two): the mean, which falls when somebody else takes the core, and the
    /// best of short pieces, which does not.
    /// </summary>
    public (double Mean, double Best) Peak()
    {
        var (mean, best) = timed.Rate(MultiplyAddProbe.Rounds(target.VectorBits, target.HasFma, Rounds), PeakMs);
        double operations = 2.0 * Rounds * MultiplyAddProbe.Chains * target.Lanes(sizeof(float)) / 1e9;
        return (mean * operations, best * operations);
    }

    /// <summary>
    /// Bandwidth of reading, in GB/s, of each cache of the target and of memory, the nearest first. The widest loads that the machine has
    /// read as fast as those of the target or faster.
    /// </summary>
    public double[] Bandwidths()
    {
        var result = new double[target.Caches.Count + 1];
        for (int level = 0; level < result.Length; level++)
        {
            // Half of a cache, so that it is this one; of memory so much that no cache keeps it.
            long bytes = level < target.Caches.Count ? target.Caches[level].KiB * 512L : Math.Max(target.Caches[^1].KiB * 4096L, 1L << 26);
            using var memory = new MemoryProbe(bytes, bits: 512);
            long read = memory.Read(bytes);
            result[level] = timed.Rate(() => memory.Read(bytes), ReadMs).Best * read / 1e9;
        }
        return result;
    }
}
