namespace Nncc.Passes.Targets;

/// <summary>The JSON files of this folder, as they lie in the assembly.</summary>
internal static class ProfileResources
{
    /// <summary>Name and text of all files with that ending, ordered by name.</summary>
    public static IEnumerable<(string File, string Json)> All(string ending)
    {
        var assembly = typeof(ProfileResources).Assembly;
        foreach (string resource in assembly.GetManifestResourceNames().Where(n => n.EndsWith(ending, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            using var reader = new StreamReader(stream);
            yield return (resource, reader.ReadToEnd());
        }
    }
}
