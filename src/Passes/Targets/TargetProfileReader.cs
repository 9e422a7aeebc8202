using System.Globalization;

namespace Nncc.Passes.Targets;

/// <summary>The JSON form of a profile: reads it, and says all that is wrong with it at once.</summary>
internal static class TargetProfileReader
{
    /// <summary>The profile of a JSON text.</summary>
    /// <exception cref="NnccException">The text is no profile, or what it says is absurd: all faults.</exception>
    public static TargetProfile Read(string json, string file)
    {
        var faults = new List<Fault>();
        var reader = new MemberReader(MemberReader.Parse(json, FaultCodes.BadTarget, file), FaultCodes.BadTarget, file, "", faults);
        string name = TargetNames.Read(reader);
        var aliases = TargetNames.ReadAliases(reader);
        string[] processors = reader.OptionalTexts("processors");
        string architecture = reader.Text("architecture");
        string[] named = reader.Texts("features");
        int bits = reader.Whole("vectorBits", 0, 512), registers = reader.Whole("vectorRegisters", 4, 256);
        double fmas = reader.Number("fmasPerCycle", 0.01, 64), clock = reader.Number("clockGHz", 0.01, 20);
        int cores = reader.Whole("cores", 1, 4096);
        var caches = reader.Objects("caches", c => new CacheLevel(c.Whole("kiB", 1, 1 << 22), c.Number("gBs", 0.01, 1e4),
            c.OptionalNumber("storeGBs", 0.01, 1e4)));
        double memory = reader.Number("memoryGBs", 0.01, 1e4), call = reader.Number("callNs", 0.01, 1e6);
        double forkJoin = reader.Number("forkJoinNs", 1, 1e8);
        double? store = reader.OptionalNumber("memoryStoreGBs", 0.01, 1e4);
        var tiles = Tiles(reader);
        string[] hazards = reader.Texts("hazards");
        string source = reader.Text("source");
        bool isMeasured = reader.Flag("isMeasured"), isUnsure = reader.OptionalFlag("isUnsure");
        reader.End();
        CheckFeatures(reader, architecture, named, bits);
        CheckCaches(reader, caches, memory);
        if (faults.Count > 0) throw new NnccException([.. faults]);
        var features = TargetFeatures.Closure(named);
        return new TargetProfile(name, architecture, features, bits, registers, features.Any(f => f is "fma" or "neon"), fmas, clock, cores,
            caches.ToEquatable(), memory, call, forkJoin, hazards.ToEquatable(), source, isMeasured)
        {
            Aliases = aliases.ToEquatable(), Processors = processors.ToEquatable(), MemoryStoreGBs = store,
            TileEfficiency = tiles.ToEquatable(), IsUnsure = isUnsure,
        };
    }

    private static List<TileShare> Tiles(MemberReader reader)
    {
        var result = new List<TileShare>();
        foreach (var (name, share) in reader.OptionalNumbers("tileEfficiency", 0.001, 1.2))
            if (name.Split('x') is [var rows, var vectors] && Positive(rows) is { } r && Positive(vectors) is { } v)
            {
                if (result.Any(t => t.Rows == r && t.Vectors == v)) reader.Bad($"the tile {name} is given twice");
                result.Add(new TileShare(r, v, share));
            }
            else
            {
                reader.Bad($"\"{name}\" is no tile", "write rows and vectors, such as 14x2");
            }
        return [.. result.OrderBy(t => t.Vectors).ThenBy(t => t.Rows)];
    }

    private static int? Positive(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is > 0 and <= 256 ? number : null;

    private static void CheckFeatures(MemberReader reader, string architecture, string[] features, int bits)
    {
        string[] architectures = ["any", "arm64", "wasm", "x64"];
        if (architecture.Length > 0 && !architectures.Contains(architecture))
            reader.Bad($"\"{architecture}\" is no architecture", $"architectures are {string.Join(", ", architectures)}");
        foreach (string feature in features)
            if (!TargetFeatures.IsKnown(feature))
                reader.Bad($"\"{feature}\" is no feature", Suggestion.For(feature, TargetFeatures.All, "features are"));
            else if (architectures.Contains(architecture) && TargetFeatures.ArchitectureOf(feature) is var owner && owner != architecture)
                reader.Bad($"\"{feature}\" is no feature of {architecture}", $"it is one of {owner}");
        if (bits is not (0 or 128 or 256 or 512)) reader.Bad($"vectorBits is {bits}", "0, 128, 256 or 512");
        else if (bits > 0 && features.All(TargetFeatures.IsKnown)
            && features.Select(TargetFeatures.VectorBitsOf).Append(0).Max() is var most && bits > most)
            reader.Bad($"vectorBits is {bits}, and the widest vectors of the features have {most}", "name the feature that has them");
    }

    private static void CheckCaches(MemberReader reader, List<CacheLevel> caches, double memory)
    {
        if (caches.Count == 0) reader.Bad("there is no cache", "give one at least");
        if (caches.Zip(caches.Skip(1)).Any(pair => pair.Second.KiB <= pair.First.KiB))
            reader.Bad("caches do not grow from the nearest on");
        if (caches.Select(c => c.GBs).Append(memory) is var speeds && speeds.Zip(speeds.Skip(1)).Any(pair => pair.Second > pair.First))
            reader.Bad("a farther level of memory is read faster than a nearer one");
    }
}
