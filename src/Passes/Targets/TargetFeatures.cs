namespace Nncc.Passes.Targets;

/// <summary>The instruction-set features that profiles may name, and which ones each implies.</summary>
public static class TargetFeatures
{
    private static readonly SortedDictionary<string, string[]> Implied = new(StringComparer.Ordinal)
    {
        ["sse2"] = [],
        ["sse4.1"] = ["sse2"],
        ["sse4.2"] = ["sse4.1"],
        ["avx"] = ["sse4.2"],
        ["fma"] = ["avx"],
        ["avx2"] = ["avx", "fma"],
        ["avxvnni"] = ["avx2"],
        ["avx512f"] = ["avx2"],
        ["avx512"] = ["avx512f"],
        ["neon"] = [],
        ["neon-dotprod"] = ["neon"],
        ["wasm-simd128"] = [],
    };

    /// <summary>All features, ordered.</summary>
    public static IEnumerable<string> All => Implied.Keys;

    /// <summary>Whether the name is a feature.</summary>
    public static bool IsKnown(string feature) => Implied.ContainsKey(feature);

    /// <summary>The features and everything they imply, ordered.</summary>
    public static EquatableArray<string> Closure(IEnumerable<string> features)
    {
        var result = new SortedSet<string>(StringComparer.Ordinal);
        var work = new Stack<string>(features);
        while (work.TryPop(out var feature))
            if (result.Add(feature))
                foreach (string implied in Implied[feature]) work.Push(implied);
        return result.ToEquatable();
    }
}
