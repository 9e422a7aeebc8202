namespace Nncc.Passes.Targets;

/// <summary>The runtimes that ONNX is written for.</summary>
public sealed class RuntimeProfiles
{
    private readonly SortedDictionary<string, RuntimeProfile> profiles = new(StringComparer.Ordinal);

    /// <summary>A new table with the runtimes of this library.</summary>
    public static RuntimeProfiles Standard()
    {
        var table = new RuntimeProfiles();
        foreach (var (file, json) in ProfileResources.All(".runtime.json"))
        {
            var profile = Read(json, file);
            table.profiles.Add(profile.Name, profile);
        }
        return table;
    }

    /// <summary>All, ordered by name.</summary>
    public IEnumerable<RuntimeProfile> All => profiles.Values;

    /// <summary>The runtime of that name; null where there is none.</summary>
    public RuntimeProfile? Find(string name) => profiles.GetValueOrDefault(name);

    /// <summary>The profile of a JSON text.</summary>
    /// <exception cref="NnccException">The text is no profile, or what it says is absurd: all faults.</exception>
    public static RuntimeProfile Read(string json, string file)
    {
        var faults = new List<Fault>();
        var reader = new MemberReader(MemberReader.Parse(json, FaultCodes.BadTarget, file), FaultCodes.BadTarget, file, "", faults);
        var profile = new RuntimeProfile(TargetNames.Read(reader), reader.Whole("newestOpset", 7, 99), Wishes("leftOut"),
            Wishes("unfolded"), reader.Texts("missingOps").ToEquatable(),
            reader.Number("peakGFlops", 0.01, 1e7), reader.Number("memoryGBs", 0.01, 1e5),
            reader.Number("opNs", 0.01, 1e8), reader.Text("source"), reader.Flag("isMeasured"));
        reader.End();
        return faults.Count == 0 ? profile : throw new NnccException([.. faults]);

        EquatableArray<RuntimeWish> Wishes(string name) =>
            reader.Objects(name, w => new RuntimeWish(w.Texts("names").ToEquatable(), w.Text("because"))).ToEquatable();
    }
}
