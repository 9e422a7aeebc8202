using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Nncc.Tests.Support;

namespace Nncc.Tests.House;

/// <summary>Lengths of files and lines, words that may not stand in them, and the README of each folder.</summary>
public partial class FileShapeTests
{
    private const int MostLines = 450;
    private const int MostColumns = 140;
    private const int MostColumnsOfText = 200;

    private static IEnumerable<Source> Written =>
        Sources.Src.Concat(Sources.Under("tests", "*.cs")).Concat(Sources.Under("rules", "*.rules"))
        .Concat(Sources.Under("examples", "*.cs")).Concat(Sources.Under("bench", "*.cs"));

    [Fact]
    public void No_file_is_too_long() => Sources.ExpectNone(Written
        .Select(s => (s.Path, Lines: s.Text.Count(c => c == '\n'))).Where(f => f.Lines >= MostLines)
        .Select(f => $"{f.Path}: {f.Lines} lines"));

    [Fact]
    public void No_line_is_too_long() => Sources.ExpectNone(Written.SelectMany(source =>
    {
        int start = 0;
        var found = new List<string>();
        string[] lines = source.Text.Split('\n');
        for (int i = 0; i < lines.Length; start += lines[i++].Length + 1)
            if (lines[i].Length > (IsText(source, start + MostColumns, lines[i]) ? MostColumnsOfText : MostColumns))
                found.Add($"{source.Path}:{i + 1}: {lines[i].Length} columns");
        return found;
    }));

    [Fact]
    public void Nothing_is_left_for_later() => Sources.ExpectNone(Sources.Src.SelectMany(source => source.Text.Split('\n')
        .Select((line, i) => (Line: line, Number: i + 1)).Where(l => Unfinished().IsMatch(l.Line))
        .Select(l => $"{source.Path}:{l.Number}: {l.Line.Trim()}")));

    [Fact]
    public void No_file_is_a_drawer_for_anything() =>
        Assert.DoesNotContain(Sources.Src, source => Drawer().IsMatch(Path.GetFileNameWithoutExtension(source.Path)));

    [Fact]
    public void Each_folder_of_src_says_what_belongs_in_it()
    {
        foreach (string folder in Sources.Folders("src", 2))
        {
            string readme = Repository.Under(folder, "README.md");
            Assert.True(File.Exists(readme), $"{folder} has no README.md");
            string[] lines = File.ReadAllLines(readme);
            Assert.True(lines.Length >= 3 && lines[0].StartsWith("# ", StringComparison.Ordinal),
                $"{folder}/README.md has no title and text");
        }
    }

    [Fact]
    public void Links_between_documents_lead_somewhere()
    {
        var documents = new[] { "src", "tests", "docs", "rules", "examples" }.SelectMany(folder => Sources.Under(folder, "*.md"))
            .Concat(Directory.EnumerateFiles(Repository.Root, "*.md").Select(f => new Source(Path.GetFileName(f), File.ReadAllText(f))));
        foreach (var document in documents)
            foreach (Match link in Link().Matches(document.Text))
            {
                string target = link.Groups[1].Value.Split('#')[0];
                if (target.Length == 0 || target.Contains(':')) continue;
                string path = Path.Combine(Repository.Root, Path.GetDirectoryName(document.Path)!, target);
                Assert.True(Path.Exists(path), $"{document.Path} links to {target}");
            }
    }

    // A sentence or a line of code that is printed stays in one piece: whether the place at which a line gets long is inside of a string.
    private static bool IsText(Source source, int place, string line) => line.Length > MostColumns
        && source.Path.EndsWith(".cs", StringComparison.Ordinal) && source.Syntax.FindToken(place) is var token
        && (token.Kind() is SyntaxKind.StringLiteralToken or SyntaxKind.SingleLineRawStringLiteralToken
                or SyntaxKind.MultiLineRawStringLiteralToken
            || token.Parent?.AncestorsAndSelf().Any(node => node is InterpolatedStringExpressionSyntax) == true);

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX|NotImplementedException)\b")]
    private static partial Regex Unfinished();

    [GeneratedRegex("(Utils?|Helpers?|Common|Manager|Base|Impl|Misc)$")]
    private static partial Regex Drawer();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
