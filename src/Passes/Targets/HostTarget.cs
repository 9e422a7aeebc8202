using System.Runtime.InteropServices;
using System.Text;
using Arm = System.Runtime.Intrinsics.Arm;
using Wasm = System.Runtime.Intrinsics.Wasm;
using X86 = System.Runtime.Intrinsics.X86;

namespace Nncc.Passes.Targets;

/// <summary>The machine that the compiler runs on. Nothing else looks at it, and only where the user asks for <c>host</c>.</summary>
public static class HostTarget
{
    /// <summary>The name that stands for the profile of this machine.</summary>
    public const string Name = "host";

    // Instruction sets by feature; a setting of .NET that turns one off counts.
    private static readonly SortedDictionary<string, Func<bool>> Present = new(StringComparer.Ordinal)
    {
        ["sse2"] = () => X86.Sse2.IsSupported,
        ["sse4.1"] = () => X86.Sse41.IsSupported,
        ["sse4.2"] = () => X86.Sse42.IsSupported,
        ["avx"] = () => X86.Avx.IsSupported,
        ["fma"] = () => X86.Fma.IsSupported,
        ["avx2"] = () => X86.Avx2.IsSupported,
        ["avxvnni"] = () => X86.AvxVnni.IsSupported,
        ["avx512f"] = () => X86.Avx512F.IsSupported,
        ["avx512"] = () => X86.Avx512F.IsSupported && X86.Avx512BW.IsSupported && X86.Avx512CD.IsSupported && X86.Avx512DQ.IsSupported,
        ["neon"] = () => Arm.AdvSimd.IsSupported,
        ["neon-dotprod"] = () => Arm.Dp.IsSupported,
        ["wasm-simd128"] = () => Wasm.PackedSimd.IsSupported,
    };

    /// <summary>Whether this machine runs code for a profile.</summary>
    public static bool Runs(TargetProfile profile) =>
        (profile.Architecture == "any" || profile.Architecture == RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant())
        && profile.Features.All(feature => Present.TryGetValue(feature, out var isPresent) && isPresent());

    /// <summary>
    /// This machine's processor as its maker numbers it, such as <c>AuthenticAMD 25</c>: vendor and family (Intel SDM and AMD APM, CPUID
    /// leaves 0 and 1). Null where it does not say.
    /// </summary>
    public static string? Processor
    {
        get
        {
            if (!X86.X86Base.IsSupported) return null;
            var (_, b, c, d) = X86.X86Base.CpuId(0, 0);
            string vendor = string.Concat(new[] { b, d, c }.Select(part => Encoding.ASCII.GetString(BitConverter.GetBytes(part))));
            int version = X86.X86Base.CpuId(1, 0).Eax, family = version >> 8 & 15;
            return $"{vendor.Trim('\0', ' ')} {(family == 15 ? family + (version >> 20 & 255) : family)}";
        }
    }

    /// <summary>
    /// Of the profiles that this machine runs the one with the widest vectors and the most features; of several such one that names its
    /// processor, and of those the one whose peak is the nearest to this machine's.
    /// </summary>
    /// <param name="profiles">The profiles.</param>
    /// <param name="processor">The processor.</param>
    /// <param name="peak">
    /// Measures GFLOP/s of one core with a profile's vectors; asked only where it decides. Null where nothing may be measured: the first by
    /// name.
    /// </param>
    /// <exception cref="NnccException">It runs none of them.</exception>
    public static TargetProfile Find(TargetProfiles profiles, string? processor, Func<TargetProfile, double>? peak)
    {
        var able = profiles.All.Where(Runs).ToArray();
        if (able.Length == 0) throw new NnccException(FaultCodes.TargetNotHere, "this machine runs none of the targets");
        var best = able.GroupBy(p => (p.VectorBits, p.Features.Count)).MaxBy(g => g.Key)!.ToArray();
        if (best.Where(p => p.Processors.Any(name => name == processor)).ToArray() is { Length: > 0 } named) best = named;
        if (best.Length == 1 || peak is null) return best[0];
        double measured = peak(best[0]);
        return best.MinBy(p => Math.Max(measured, p.PeakGFlops) / Math.Min(measured, p.PeakGFlops))!;
    }
}
