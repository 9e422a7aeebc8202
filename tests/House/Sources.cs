using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Nncc.Tests.Support;

namespace Nncc.Tests.House;

/// <summary>A file of the checkout.</summary>
/// <param name="Path">Path from the root, with forward slashes.</param>
/// <param name="Text">Its text.</param>
internal sealed record Source(string Path, string Text)
{
    private SyntaxNode? tree;

    /// <summary>The syntax of a C# file.</summary>
    public SyntaxNode Syntax => tree ??= CSharpSyntaxTree.ParseText(Text).GetRoot();

    /// <summary>Where a node of the syntax stands, for messages.</summary>
    public string At(SyntaxNode node) =>
        $"{Path}:{node.GetLocation().GetLineSpan().StartLinePosition.Line + 1}: {node.ToString().Split('\n')[0]}";

    /// <summary>Whether the file is in a folder, such as <c>src/IR</c>.</summary>
    public bool IsIn(string folder) => Path.StartsWith(folder + "/", StringComparison.Ordinal);
}

/// <summary>The sources of the checkout, without what builds put beside them.</summary>
internal static class Sources
{
    private static readonly string[] Ignored = ["bin", "obj", "node_modules"];
    private static readonly Lazy<Source[]> Library = new(() => [.. Under("src", "*.cs")]);

    /// <summary>All C# files of <c>src</c>.</summary>
    public static IReadOnlyList<Source> Src => Library.Value;

    /// <summary>Fails with all that was found, one a line.</summary>
    public static void ExpectNone(IEnumerable<string> found)
    {
        var list = found.ToList();
        Assert.True(list.Count == 0, $"{list.Count} found:\n{string.Join('\n', list)}");
    }

    /// <summary>Files below a folder, by path.</summary>
    public static IEnumerable<Source> Under(string folder, string pattern)
    {
        string root = Repository.Under(folder);
        if (!Directory.Exists(root)) yield break;
        foreach (string file in Directory.EnumerateFiles(root, pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string path = Path.GetRelativePath(Repository.Root, file).Replace('\\', '/');
            if (!path.Split('/').Any(Ignored.Contains)) yield return new Source(path, File.ReadAllText(file));
        }
    }

    /// <summary>Folders below a folder, as deep as given, by path.</summary>
    public static IEnumerable<string> Folders(string folder, int depth) => Directory.EnumerateDirectories(Repository.Under(folder))
        .Where(f => !Ignored.Contains(Path.GetFileName(f))).Order(StringComparer.Ordinal)
        .Select(f => Path.GetRelativePath(Repository.Root, f).Replace('\\', '/'))
        .SelectMany(f => depth == 1 ? [f] : Folders(f, depth - 1).Prepend(f));
}
