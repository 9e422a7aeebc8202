using System.Text.RegularExpressions;

namespace Nncc.Backends.CSharp;

/// <summary>
/// Source files that go into an emitted program as they are, under the program's namespace. They are compiled into this library too, so that
/// they are checked with it.
/// </summary>
internal static partial class RuntimeSources
{
    /// <summary>Units whose types users of an emitted program see; all others are internal to it.</summary>
    private static readonly string[] Exported = ["TensorView", "Weights"];

    /// <summary>The files of a unit: <c>Name.cs</c> and <c>Name.*.cs</c>, with their names.</summary>
    public static IEnumerable<(string File, string Text)> Of(string unit, string targetNamespace)
    {
        var assembly = typeof(RuntimeSources).Assembly;
        var resources = assembly.GetManifestResourceNames()
            .Where(n => n == $"Runtime/{unit}.cs" || n.StartsWith($"Runtime/{unit}.", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToArray();
        if (resources.Length == 0) throw new InvalidOperationException($"there is no runtime source {unit}");
        foreach (string resource in resources)
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            string text = reader.ReadToEnd().Replace("\r\n", "\n");
            text = UsingPattern().Replace(text, "");
            text = NamespacePattern().Replace(text, $"namespace {targetNamespace};", 1);
            text = PublicPattern().Replace(text, "internal ");
            if (Exported.Contains(unit)) text = InternalPattern().Replace(text, "public ");
            yield return (resource["Runtime/".Length..], text.TrimStart());
        }
    }

    [GeneratedRegex(@"^using [\w.]+;\n", RegexOptions.Multiline)]
    private static partial Regex UsingPattern();

    [GeneratedRegex(@"^namespace [\w.]+;", RegexOptions.Multiline)]
    private static partial Regex NamespacePattern();

    [GeneratedRegex(@"^public (?=(static |sealed |readonly |unsafe |partial )*(class|struct|record|enum))", RegexOptions.Multiline)]
    private static partial Regex PublicPattern();

    [GeneratedRegex(@"^internal ", RegexOptions.Multiline)]
    private static partial Regex InternalPattern();
}
