namespace Nncc.Passes.Targets;

/// <summary>
/// A machine as data: what the compiler may use and what it assumes when it predicts. Read from JSON; no code names a CPU.
/// </summary>
/// <param name="Name">Name, as given to <c>--target</c>.</param>
/// <param name="Architecture">x64, arm64, wasm or any.</param>
/// <param name="Features">Instruction sets that emitted code may need, implied ones included, ordered.</param>
/// <param name="VectorBits">Width of the vectors that kernels use; 0 for scalar code.</param>
/// <param name="VectorRegisters">Architectural vector registers.</param>
/// <param name="HasFma">Whether a fused multiply-add is one instruction. Where not, kernels multiply and add with two roundings.</param>
/// <param name="FmasPerCycle">Vector multiply-adds started in a cycle, per core.</param>
/// <param name="ClockGHz">Clock under vector load, in GHz.</param>
/// <param name="Cores">Cores that a model may use.</param>
/// <param name="Caches">Data caches from the nearest on; at least one.</param>
/// <param name="MemoryGBs">Bandwidth of reading main memory for one core, in GB/s (1e9 bytes).</param>
/// <param name="CallNs">Fixed cost of one kernel call, in nanoseconds.</param>
/// <param name="ForkJoinNs">Cost of handing pieces of a step to waiting threads and waiting until all are done, in nanoseconds.</param>
/// <param name="Hazards">Known traps of the machine that templates ask about, such as u8*s8 saturation.</param>
/// <param name="Source">Where the figures come from, in one sentence.</param>
/// <param name="IsMeasured">Whether predictions with this profile were ever compared with measurements of such a machine.</param>
public sealed record TargetProfile(
    string Name, string Architecture, EquatableArray<string> Features, int VectorBits, int VectorRegisters, bool HasFma,
    double FmasPerCycle, double ClockGHz, int Cores, EquatableArray<CacheLevel> Caches, double MemoryGBs, double CallNs, double ForkJoinNs,
    EquatableArray<string> Hazards, string Source, bool IsMeasured)
{
    /// <summary>Other names that stand for it.</summary>
    public EquatableArray<string> Aliases { get; init; }

    /// <summary>Processors that it describes, as <see cref="HostTarget.Processor"/> calls them; empty where it is for many.</summary>
    public EquatableArray<string> Processors { get; init; }

    /// <summary>Bandwidth of writing main memory for one core, in GB/s; null where it is not told apart from reading.</summary>
    public double? MemoryStoreGBs { get; init; }

    /// <summary>Shares of the peak that register tiles reach; empty where they are not known.</summary>
    public EquatableArray<TileShare> TileEfficiency { get; init; }

    /// <summary>Whether the machine was too busy for its figures to be trusted when they were measured.</summary>
    public bool IsUnsure { get; init; }

    /// <summary>Lanes of a vector of elements of that many bytes; 1 for scalar code.</summary>
    public int Lanes(int elementBytes) => Math.Max(1, VectorBits / 8 / elementBytes);

    /// <summary>Peak of binary32 multiply-adds on one core, in GFLOP/s (two operations each).</summary>
    public double PeakGFlops => 2 * FmasPerCycle * Lanes(4) * ClockGHz;

    /// <summary>Bandwidth of reading, in GB/s, of the nearest level that holds so many bytes.</summary>
    public double BandwidthFor(double bytes) => Holding(bytes)?.GBs ?? MemoryGBs;

    /// <summary>
    /// Bandwidth of writing, in GB/s, of the nearest level that holds so many bytes; that of reading where it is not known.
    /// </summary>
    public double StoreBandwidthFor(double bytes) =>
        Holding(bytes) is { } cache ? cache.StoreGBs ?? cache.GBs : MemoryStoreGBs ?? MemoryGBs;

    /// <summary>
    /// Share of the peak that the multiply-add loop of a register tile reaches with its operands in the nearest caches; null where the
    /// profile does not say.
    /// </summary>
    /// <param name="rows">Rows (or pixels) of the tile.</param>
    /// <param name="vectors">Vectors of columns (or blocks of filters).</param>
    public double? EfficiencyOf(int rows, int vectors)
    {
        foreach (var tile in TileEfficiency)
            if (tile.Rows == rows && tile.Vectors == vectors) return tile.Share;
        return null;
    }

    /// <summary>Whether a name stands for this profile.</summary>
    public bool IsCalled(string name) => Name == name || Aliases.Items.Contains(name);

    private CacheLevel? Holding(double bytes)
    {
        foreach (var cache in Caches)
            if (bytes <= cache.KiB * 1024.0) return cache;
        return null;
    }

    /// <summary>The nearest level that holds so many bytes: <c>L1</c> on, or <c>memory</c>.</summary>
    public string LevelFor(double bytes)
    {
        for (int level = 0; level < Caches.Count; level++)
            if (bytes <= Caches[level].KiB * 1024.0) return $"L{level + 1}";
        return "memory";
    }
}

/// <summary>A level of cache.</summary>
/// <param name="KiB">Size that one core may use, in KiB.</param>
/// <param name="GBs">Read bandwidth of one core, in GB/s (1e9 bytes).</param>
/// <param name="StoreGBs">Write bandwidth of one core, in GB/s; null where it is not told apart from reading.</param>
public sealed record CacheLevel(int KiB, double GBs, double? StoreGBs = null);

/// <summary>What a register tile reaches.</summary>
/// <param name="Rows">Rows (or pixels).</param>
/// <param name="Vectors">Vectors of columns (or blocks of filters).</param>
/// <param name="Share">Share of the peak of multiply-adds, near 1.</param>
public sealed record TileShare(int Rows, int Vectors, double Share);
