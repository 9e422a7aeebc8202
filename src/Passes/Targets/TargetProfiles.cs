using System.Text.Json;
using System.Text.Json.Serialization;

namespace Nncc.Passes.Targets;

/// <summary>The profiles that a compilation knows: those of this library, and files that a user adds.</summary>
public sealed class TargetProfiles
{
    private readonly SortedDictionary<string, TargetProfile> profiles = new(StringComparer.Ordinal);

    /// <summary>A new table with the profiles of this library.</summary>
    public static TargetProfiles Standard()
    {
        var table = new TargetProfiles();
        var assembly = typeof(TargetProfiles).Assembly;
        foreach (string resource in assembly.GetManifestResourceNames().Where(n => n.EndsWith(".target.json", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            using var reader = new StreamReader(stream);
            table.Add(reader.ReadToEnd(), resource);
        }
        return table;
    }

    /// <summary>All profiles, ordered by name.</summary>
    public IEnumerable<TargetProfile> All => profiles.Values;

    /// <summary>The profile of that name.</summary>
    /// <exception cref="NnccException">There is none; the nearest names are suggested.</exception>
    public TargetProfile this[string name] => profiles.TryGetValue(name, out var profile) ? profile
        : throw new NnccException(FaultCodes.UnknownTarget, $"there is no target \"{name}\"",
            advice: $"targets are {string.Join(", ", profiles.Keys)}");

    /// <summary>Adds a profile, in place of one of the same name.</summary>
    public void Add(TargetProfile profile) => profiles[profile.Name] = profile;

    /// <summary>Adds a profile from JSON text.</summary>
    /// <exception cref="NnccException">The text is no profile, or its numbers are absurd: all faults.</exception>
    public TargetProfile Add(string json, string file)
    {
        ProfileText text;
        try
        {
            text = JsonSerializer.Deserialize(json, ProfileJson.Default.ProfileText) ?? throw new JsonException("the file holds null");
        }
        catch (JsonException e)
        {
            throw new NnccException(FaultCodes.BadTarget, $"not a target profile: {e.Message}", file);
        }
        var faults = text.Faults(file).ToList();
        if (faults.Count > 0) throw new NnccException([.. faults]);
        var profile = text.ToProfile();
        Add(profile);
        return profile;
    }
}

/// <summary>The JSON form of a profile; every member is required.</summary>
internal sealed class ProfileText
{
    public required string Name { get; init; }
    public required string Architecture { get; init; }
    public required string[] Features { get; init; }
    public required int VectorBits { get; init; }
    public required int VectorRegisters { get; init; }
    public required double FmasPerCycle { get; init; }
    public required double ClockGHz { get; init; }
    public required int Cores { get; init; }
    public required CacheText[] Caches { get; init; }
    public required double MemoryGBs { get; init; }
    public required double CallNs { get; init; }
    public required string[] Hazards { get; init; }

    public sealed record CacheText(int KiB, double GBs);

    public IEnumerable<Fault> Faults(string file)
    {
        foreach (string feature in Features.Where(f => !TargetFeatures.IsKnown(f)))
            yield return Bad($"\"{feature}\" is no feature", $"features are {string.Join(", ", TargetFeatures.All)}");
        if (VectorBits is not (0 or 128 or 256 or 512)) yield return Bad($"vectorBits is {VectorBits}", "0, 128, 256 or 512");
        foreach (var (name, value) in new[] { ("vectorRegisters", VectorRegisters), ("fmasPerCycle", FmasPerCycle), ("clockGHz", ClockGHz),
                     ("cores", Cores), ("memoryGBs", MemoryGBs), ("callNs", CallNs) })
            if (!(value > 0) || value > 1e5) yield return Bad($"{name} is {value}", "a positive number of a real machine");
        if (Caches.Any(c => c.KiB <= 0 || !(c.GBs > 0))) yield return Bad("a cache has no size or no bandwidth", null);
        if (Caches.Zip(Caches.Skip(1)).Any(pair => pair.Second.KiB <= pair.First.KiB))
            yield return Bad("caches do not grow from the nearest on", null);

        Fault Bad(string message, string? advice) => new(FaultCodes.BadTarget, message, file, advice);
    }

    public TargetProfile ToProfile()
    {
        var features = TargetFeatures.Closure(Features);
        return new TargetProfile(Name, Architecture, features, VectorBits, VectorRegisters, features.Any(f => f is "fma" or "neon"),
            FmasPerCycle,
            ClockGHz, Cores, Caches.Select(c => new CacheLevel(c.KiB, c.GBs)).ToEquatable(), MemoryGBs, CallNs, Hazards.ToEquatable());
    }
}

[JsonSerializable(typeof(ProfileText))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip)]
internal sealed partial class ProfileJson : JsonSerializerContext;
