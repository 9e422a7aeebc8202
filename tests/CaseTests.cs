using Nncc.Tests.Support;

namespace Nncc.Tests;

/// <summary>Runs every file under tests/cases by the command of its first line (tests/cases/README.md).</summary>
public sealed class CaseTests
{
    private static readonly SortedDictionary<string, Func<CaseFile, string>> Commands = new(StringComparer.Ordinal)
    {
        ["passes"] = PassCases.Run,
        ["verify"] = PassCases.Run,
    };

    public static TheoryData<string> Files => [.. CaseFile.All];

    [Theory, MemberData(nameof(Files))]
    public void A_case_gives_what_it_expects(string path)
    {
        var file = CaseFile.Read(Path.Combine(CaseFile.Folder, path));
        Assert.True(Commands.TryGetValue(file.Command, out var run),
            $"{path}: no command {file.Command}; there are {string.Join(", ", Commands.Keys)}");
        file.Check(run(file));
    }

    [Fact]
    public void An_unknown_directive_fails()
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("case.nnir");
        File.WriteAllText(path, "// passes: dead-code-elimination\n// shpe: x=1\nnnir 1\ngraph \"g\" {}\n==========\nunchanged\n");
        Assert.Throws<InvalidDataException>(() => PassCases.Run(CaseFile.Read(path)));
        File.WriteAllText(path, "// passes: no-such-pass\nnnir 1\ngraph \"g\" {}\n==========\nunchanged\n");
        Assert.Throws<InvalidDataException>(() => PassCases.Run(CaseFile.Read(path)));
    }

    [Fact]
    public void Another_text_than_the_expected_one_fails()
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("case.nnir");
        File.WriteAllText(path, "// passes: dead-code-elimination\nnnir 1\ngraph \"g\" {}\n==========\nchanged\n");
        var file = CaseFile.Read(path);
        if (!CaseFile.IsBlessing) Assert.ThrowsAny<Exception>(() => file.Check(PassCases.Run(file)));
    }
}
