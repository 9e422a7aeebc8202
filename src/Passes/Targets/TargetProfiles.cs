namespace Nncc.Passes.Targets;

/// <summary>The profiles that a compilation knows: those of this library, and files that a user adds. Each name stands for one.</summary>
public sealed class TargetProfiles
{
    /// <summary>How the names of profile files end; a target that is called so is read from the file.</summary>
    public const string FileEnding = ".target.json";

    private readonly SortedDictionary<string, TargetProfile> profiles = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TargetProfile> files = new(StringComparer.Ordinal);

    /// <summary>A new table with the profiles of this library.</summary>
    public static TargetProfiles Standard()
    {
        var table = new TargetProfiles();
        foreach (var (file, json) in ProfileResources.All(FileEnding)) table.Add(json, file);
        return table;
    }

    /// <summary>All profiles, ordered by name.</summary>
    public IEnumerable<TargetProfile> All => profiles.Values;

    /// <summary>All names and aliases, ordered.</summary>
    public IEnumerable<string> Names => All.SelectMany(p => p.Aliases.Prepend(p.Name)).Order(StringComparer.Ordinal);

    /// <summary>The profile of that name or alias.</summary>
    /// <exception cref="NnccException">There is none; the nearest names are suggested.</exception>
    public TargetProfile this[string name] => Find(name)
        ?? throw new NnccException(FaultCodes.UnknownTarget, $"there is no target \"{name}\"",
            advice: Suggestion.For(name, Names.Append(HostTarget.Name), "targets are"));

    /// <summary>The profile of that name or alias, or of a file where the name ends as one's does; each file is read once.</summary>
    /// <exception cref="NnccException">There is none, or the file cannot be read or is no profile: all faults.</exception>
    public TargetProfile Resolve(string nameOrFile)
    {
        if (!nameOrFile.EndsWith(FileEnding, StringComparison.Ordinal)) return this[nameOrFile];
        string path = Path.GetFullPath(nameOrFile);
        return files.TryGetValue(path, out var known) ? known : files[path] = Add(Text(path, nameOrFile), nameOrFile);
    }

    /// <summary>The profile of that name or alias; null where there is none.</summary>
    public TargetProfile? Find(string name) => profiles.GetValueOrDefault(name) ?? All.FirstOrDefault(p => p.IsCalled(name));

    /// <summary>Adds a profile.</summary>
    /// <exception cref="NnccException">One of its names stands for another profile.</exception>
    public void Add(TargetProfile profile) => Add(profile, null);

    /// <summary>Adds a profile from JSON text.</summary>
    /// <exception cref="NnccException">
    /// The text is no profile, what it says is absurd, or one of its names stands for another profile: all faults.
    /// </exception>
    public TargetProfile Add(string json, string file)
    {
        var profile = TargetProfileReader.Read(json, file);
        Add(profile, file);
        return profile;
    }

    private static string Text(string path, string file)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NnccException(FaultCodes.FileAccess,
                e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : e.Message, $"\"{file}\"");
        }
    }

    private void Add(TargetProfile profile, string? file)
    {
        string[] names = [profile.Name, .. profile.Aliases];
        var faults = names.Where((name, i) => names.Take(i).Contains(name)).Distinct()
            .Select(name => new Fault(FaultCodes.BadTarget, $"the target is called \"{name}\" twice", file))
            .Concat(names.Distinct().Where(name => Find(name) is not null).Select(name => new Fault(FaultCodes.BadTarget,
                $"the name \"{name}\" stands for another target{(Find(name)!.Name == name ? "" : $", {Find(name)!.Name}")}", file,
                "give it another name"))).ToList();
        if (faults.Count > 0) throw new NnccException([.. faults]);
        profiles.Add(profile.Name, profile);
    }
}
