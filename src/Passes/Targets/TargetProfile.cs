using System.Collections.Immutable;

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
/// <param name="Caches">Data caches from the nearest on.</param>
/// <param name="MemoryGBs">Bandwidth of main memory for one core, in GB/s (1e9 bytes).</param>
/// <param name="CallNs">Fixed cost of one kernel call, in nanoseconds.</param>
/// <param name="Hazards">Known traps of the machine that templates ask about, such as u8*s8 saturation.</param>
public sealed record TargetProfile(
    string Name, string Architecture, EquatableArray<string> Features, int VectorBits, int VectorRegisters, bool HasFma,
    double FmasPerCycle,
    double ClockGHz, int Cores, EquatableArray<CacheLevel> Caches, double MemoryGBs, double CallNs, EquatableArray<string> Hazards)
{
    /// <summary>Lanes of a vector of elements of that many bytes; 1 for scalar code.</summary>
    public int Lanes(int elementBytes) => Math.Max(1, VectorBits / 8 / elementBytes);

    /// <summary>Peak of binary32 multiply-adds on one core, in GFLOP/s (two operations each).</summary>
    public double PeakGFlops => 2 * FmasPerCycle * Lanes(4) * ClockGHz;

    /// <summary>Bandwidth in GB/s of the nearest level that holds so many bytes.</summary>
    public double BandwidthFor(double bytes)
    {
        foreach (var cache in Caches)
            if (bytes <= cache.KiB * 1024.0) return cache.GBs;
        return MemoryGBs;
    }
}

/// <summary>A level of cache.</summary>
/// <param name="KiB">Size that one core may use, in KiB.</param>
/// <param name="GBs">Read bandwidth of one core, in GB/s (1e9 bytes).</param>
public sealed record CacheLevel(int KiB, double GBs);
