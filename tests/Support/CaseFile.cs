using System.Collections.Immutable;

namespace Nncc.Tests.Support;

/// <summary>
/// A case in a file: directives (<c>// name: value</c>, the first is the command), input, a line of equals signs, expected output. A
/// directive that the command does not know fails the case; <c>// note: ...</c> is for readers.
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="Command">Name of the first directive.</param>
/// <param name="Argument">Its value.</param>
/// <param name="Options">The other directives, in order, without notes.</param>
/// <param name="Input">What the command works on, directives included, so that lines count as in the file.</param>
/// <param name="Expected">The text that it should give; null where the file has no such part yet.</param>
internal sealed record CaseFile(
    string Path, string Command, string Argument, ImmutableArray<(string Name, string Value)> Options, string Input, string? Expected)
{
    private const string Separator = "==========";

    /// <summary>Whether what comes out is written over what was expected (<c>NNCC_BLESS=1</c>).</summary>
    public static bool IsBlessing => Environment.GetEnvironmentVariable("NNCC_BLESS") == "1";

    /// <summary>The folder of all cases.</summary>
    public static string Folder { get; } = Repository.Under("tests", "cases");

    /// <summary>All cases, by their path below the folder.</summary>
    public static IEnumerable<string> All => Directory.EnumerateFiles(Folder, "*.*", SearchOption.AllDirectories)
        .Where(path => System.IO.Path.GetFileName(path) != "README.md")
        .Select(path => System.IO.Path.GetRelativePath(Folder, path).Replace('\\', '/')).Order(StringComparer.Ordinal);

    /// <summary>Reads a case.</summary>
    public static CaseFile Read(string path)
    {
        string text = File.ReadAllText(path);
        int split = text.IndexOf($"\n{Separator}\n", StringComparison.Ordinal);
        string input = split < 0 ? text : text[..(split + 1)];
        var directives = input.Split('\n').TakeWhile(line => line.StartsWith("//", StringComparison.Ordinal)).Select(Directive).ToArray();
        if (directives.Length == 0) throw new InvalidDataException($"{path} does not start with a command, // name: value");
        return new(path, directives[0].Name, directives[0].Value, [.. directives.Skip(1).Where(d => d.Name != "note")],
            input, split < 0 ? null : text[(split + Separator.Length + 2)..]);
    }

    /// <summary>Fails unless this came out; or takes it for expected from now on, when blessing.</summary>
    public void Check(string actual)
    {
        if (!actual.EndsWith('\n')) actual += '\n';
        if (actual == Expected) return;
        string difference = Expected is null ? "nothing is expected yet" : "another text is expected";
        if (IsBlessing) File.WriteAllText(Path, $"{Input}{Separator}\n{actual}");
        else Assert.Fail($"{Path}: {difference} (NNCC_BLESS=1 takes this one):\n{TextDifference.Show(Expected ?? "", actual)}");
    }

    private static (string Name, string Value) Directive(string line)
    {
        string[] parts = line[2..].Split(':', 2, StringSplitOptions.TrimEntries);
        return (parts[0], parts.Length > 1 ? parts[1] : "");
    }
}
