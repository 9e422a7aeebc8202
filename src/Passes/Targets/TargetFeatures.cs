namespace Nncc.Passes.Targets;

/// <summary>The instruction-set features that profiles may name, which ones each implies, and what vectors it brings.</summary>
public static class TargetFeatures
{
    private sealed record Feature(string Architecture, int VectorBits, params string[] Implied);

    private static readonly SortedDictionary<string, Feature> Known = new(StringComparer.Ordinal)
    {
        ["sse2"] = new("x64", 128),
        ["sse4.1"] = new("x64", 128, "sse2"),
        ["sse4.2"] = new("x64", 128, "sse4.1"),
        ["avx"] = new("x64", 256, "sse4.2"),
        ["fma"] = new("x64", 256, "avx"),
        ["avx2"] = new("x64", 256, "avx", "fma"),
        ["avxvnni"] = new("x64", 256, "avx2"),
        ["avx512f"] = new("x64", 512, "avx2"),
        ["avx512"] = new("x64", 512, "avx512f"),
        ["neon"] = new("arm64", 128),
        ["neon-dotprod"] = new("arm64", 128, "neon"),
        ["wasm-simd128"] = new("wasm", 128),
    };

    /// <summary>All features, ordered.</summary>
    public static IEnumerable<string> All => Known.Keys;

    /// <summary>Whether the name is a feature.</summary>
    public static bool IsKnown(string feature) => Known.ContainsKey(feature);

    /// <summary>The architecture that has a feature.</summary>
    public static string ArchitectureOf(string feature) => Known[feature].Architecture;

    /// <summary>Bits of the widest vectors that a feature brings.</summary>
    public static int VectorBitsOf(string feature) => Known[feature].VectorBits;

    /// <summary>The features and everything they imply, ordered.</summary>
    public static EquatableArray<string> Closure(IEnumerable<string> features)
    {
        var result = new SortedSet<string>(StringComparer.Ordinal);
        var work = new Stack<string>(features);
        while (work.TryPop(out var feature))
            if (result.Add(feature))
                foreach (string implied in Known[feature].Implied) work.Push(implied);
        return result.ToEquatable();
    }
}
