using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Nncc.Passes.Targets;

/// <summary>Prints a profile as JSON, in the order and form of the files of this folder; reading it gives the same profile.</summary>
public static class TargetProfileWriter
{
    private const int TilesInLine = 8;

    /// <summary>The text.</summary>
    public static string Print(TargetProfile profile)
    {
        var members = new List<(string Name, string Value)> { ("name", Quoted(profile.Name)) };
        if (!profile.Aliases.IsEmpty) members.Add(("aliases", List(profile.Aliases)));
        if (!profile.Processors.IsEmpty) members.Add(("processors", List(profile.Processors)));
        members.AddRange(
        [
            ("architecture", Quoted(profile.Architecture)), ("features", List(profile.Features)),
            ("vectorBits", Number(profile.VectorBits)),
            ("vectorRegisters", Number(profile.VectorRegisters)), ("fmasPerCycle", Number(profile.FmasPerCycle)),
            ("clockGHz", Number(profile.ClockGHz)), ("cores", Number(profile.Cores)),
            ("caches", $"[{string.Join(", ", profile.Caches.Select(Cache))}]"), ("memoryGBs", Number(profile.MemoryGBs)),
        ]);
        if (profile.MemoryStoreGBs is { } store) members.Add(("memoryStoreGBs", Number(store)));
        members.AddRange([("callNs", Number(profile.CallNs)), ("forkJoinNs", Number(profile.ForkJoinNs))]);
        if (!profile.TileEfficiency.IsEmpty) members.Add(("tileEfficiency", Tiles(profile)));
        members.AddRange([("hazards", List(profile.Hazards)), ("source", Quoted(profile.Source)),
            ("isMeasured", Flag(profile.IsMeasured))]);
        if (profile.IsUnsure) members.Add(("isUnsure", Flag(profile.IsUnsure)));
        return $"{{\n{string.Join(",\n", members.Select(m => $"  \"{m.Name}\": {m.Value}"))}\n}}\n";
    }

    private static string Cache(CacheLevel cache) =>
        $"{{ \"kiB\": {Number(cache.KiB)}, \"gBs\": {Number(cache.GBs)}"
            + $"{(cache.StoreGBs is { } store ? $", \"storeGBs\": {Number(store)}" : "")} }}";

    private static string Tiles(TargetProfile profile)
    {
        var text = new StringBuilder("{\n");
        foreach (var line in profile.TileEfficiency.Chunk(TilesInLine))
            text.Append(text.Length > 2 ? ",\n    " : "    ")
                .AppendJoin(", ", line.Select(t => $"\"{Number(t.Rows)}x{Number(t.Vectors)}\": {Number(t.Share)}"));
        return text.Append("\n  }").ToString();
    }

    private static string List(IEnumerable<string> texts) => $"[{string.Join(", ", texts.Select(Quoted))}]";

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Flag(bool value) => value ? "true" : "false";
}
