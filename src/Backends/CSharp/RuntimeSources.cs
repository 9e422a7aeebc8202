using System.Text.RegularExpressions;

namespace Nncc.Backends.CSharp;

/// <summary>
/// Source files that go into an emitted program as they are, under the program's namespace. They are compiled into this library too, so
/// that they are checked with it.
/// </summary>
internal static partial class RuntimeSources
{
    /// <summary>Units whose types users of an emitted program see; all others are internal to it.</summary>
    private static readonly string[] Exported = ["ElementType", "ModelInfo", "ModelPort", "TensorView", "Weights"];

    // What the sources here take as given.
    private static readonly string[] Implicit = ["System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Threading"];

    private static readonly SortedDictionary<string, (string File, string Text)[]> Units = Load();

    /// <summary>All texts, as they are here.</summary>
    public static IEnumerable<string> All => Units.Values.SelectMany(files => files).Select(file => file.Text);

    /// <summary>The files of a unit: <c>Name.cs</c> and <c>Name.*.cs</c>, with their names.</summary>
    public static IEnumerable<(string File, string Text)> Of(string unit, string targetNamespace)
    {
        if (!Units.TryGetValue(unit, out var files)) throw new InvalidOperationException($"there is no runtime source {unit}");
        foreach (var (file, source) in files)
        {
            var usings = UsingPattern().Matches(source).Select(match => match.Groups[1].Value).Concat(Implicit).Distinct()
                .Order(StringComparer.Ordinal);
            string text = UsingPattern().Replace(source, "").TrimStart();
            text = NamespacePattern().Replace(text, $"namespace {targetNamespace};", 1);
            text = PublicPattern().Replace(text, "internal ");
            if (Exported.Contains(unit)) text = InternalPattern().Replace(text, "public ");
            yield return (file, $"{string.Concat(usings.Select(u => $"using {u};\n"))}\n{text}");
        }
    }

    /// <summary>The texts of a unit, as they are here.</summary>
    public static IEnumerable<string> Texts(string unit) => Units[unit].Select(file => file.Text);

    /// <summary>The units whose types a text names.</summary>
    public static IEnumerable<string> UnitsIn(string text) =>
        NamePattern().Matches(text).Select(match => match.Value).Where(Units.ContainsKey).Distinct().Order(StringComparer.Ordinal);

    /// <summary>The units and all that they name in turn, ordered.</summary>
    public static IEnumerable<string> Closure(IEnumerable<string> units)
    {
        var result = new SortedSet<string>(StringComparer.Ordinal);
        var work = new Stack<string>(units);
        while (work.TryPop(out var unit))
            if (result.Add(unit))
                foreach (string named in Units[unit].SelectMany(f => UnitsIn(f.Text))) work.Push(named);
        return result;
    }

    private static SortedDictionary<string, (string File, string Text)[]> Load()
    {
        const string folder = "Runtime/";
        var assembly = typeof(RuntimeSources).Assembly;
        var units = new SortedDictionary<string, (string, string)[]>(StringComparer.Ordinal);
        foreach (var unit in assembly.GetManifestResourceNames().Where(n => n.StartsWith(folder, StringComparison.Ordinal))
                     .Order(StringComparer.Ordinal).GroupBy(n => n[folder.Length..].Split('.')[0]))
            units[unit.Key] = [.. unit.Select(resource =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
                return (resource[folder.Length..], reader.ReadToEnd().Replace("\r\n", "\n"));
            })];
        return units;
    }

    [GeneratedRegex(@"\b[A-Z]\w+\b")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"^using ([\w.]+);\n", RegexOptions.Multiline)]
    private static partial Regex UsingPattern();

    [GeneratedRegex(@"^namespace [\w.]+;", RegexOptions.Multiline)]
    private static partial Regex NamespacePattern();

    [GeneratedRegex(@"^public (?=(static |sealed |readonly |unsafe |partial )*(class|struct|record|enum))", RegexOptions.Multiline)]
    private static partial Regex PublicPattern();

    [GeneratedRegex(@"^internal ", RegexOptions.Multiline)]
    private static partial Regex InternalPattern();
}
