using System.Collections.Immutable;
using Nncc.Passes.Programs;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp;

/// <summary>What emitted code asks the processor, and how the parts of programs for several targets are called.</summary>
internal static class TargetChoice
{
    /// <summary>The questions whether the processor runs a target: expressions, and what they ask for in words.</summary>
    public static IEnumerable<(string Test, string Name)> Tests(TargetProfile target)
    {
        foreach (string feature in target.Features)
            switch (feature)
            {
                case "avx512": yield return ("Vector512.IsHardwareAccelerated", "AVX-512"); break;
                case "avx2": yield return ("System.Runtime.Intrinsics.X86.Avx2.IsSupported", "AVX2"); break;
                case "avxvnni": yield return ("System.Runtime.Intrinsics.X86.AvxVnni.IsSupported", "AVX-VNNI"); break;
                case "fma": yield return ("System.Runtime.Intrinsics.X86.Fma.IsSupported", "FMA"); break;
                case "sse4.2": yield return ("System.Runtime.Intrinsics.X86.Sse42.IsSupported", "SSE4.2"); break;
                case "neon": yield return ("System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported", "NEON"); break;
                case "neon-dotprod": yield return ("System.Runtime.Intrinsics.Arm.Dp.IsSupported", "NEON dot product"); break;
                case "wasm-simd128": yield return ("System.Runtime.Intrinsics.Wasm.PackedSimd.IsSupported", "WebAssembly SIMD"); break;
            }
    }

    /// <summary>The features that every member needs, ordered.</summary>
    public static string[] Common(ProgramFamily family) =>
        [.. family.First.Target.Features.Where(f => family.Members.All(m => m.Target.Features.Contains(f)))];

    /// <summary>Names of the targets as in a sentence.</summary>
    public static string Words(ProgramFamily family) => string.Join(", ", family.Members.Select(m => m.Target.Name));

    /// <summary>Names of the targets between commas, as options have them.</summary>
    public static string Names(ProgramFamily family) => string.Join(",", family.Members.Select(m => m.Target.Name));

    /// <summary>A C# name for each member; empty for one that is alone.</summary>
    public static ImmutableArray<string> Parts(ProgramFamily family)
    {
        if (family.Members.Length == 1) return [""];
        string[] names = [.. family.Members.Select(m => CSharpOptions.ClassName(m.Target.Name))];
        return [.. names.Select((name, i) => names.Count(n => string.Equals(n, name, StringComparison.OrdinalIgnoreCase)) == 1 ? name
            : $"{name}{i}")];
    }
}
