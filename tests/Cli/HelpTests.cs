using System.CommandLine;
using Nncc.Cli;
using Nncc.Tests.Support;

namespace Nncc.Tests.Cli;

/// <summary>Help, completion and the page about the command line.</summary>
public class HelpTests
{
    private static IEnumerable<(string[] Path, Verb Verb)> All => Verbs.All().SelectMany(verb =>
        verb.Children.Select(child => (new[] { verb.Command.Name, child.Command.Name }, child)).Prepend(([verb.Command.Name], verb)));

    public static TheoryData<string> Paths => [.. All.Select(v => string.Join(' ', v.Path))];

    [Theory]
    [MemberData(nameof(Paths))]
    public void Help_of_each_verb_ends_with_an_example_of_it(string path)
    {
        var run = CliRun.Good([.. path.Split(' '), "--help"]);
        string examples = run.Out[run.Out.IndexOf("Examples:", StringComparison.Ordinal)..];
        Assert.Contains($"nncc {path}", examples);
        Assert.Contains("Usage:", run.Out);
    }

    [Fact]
    public void Help_lists_all_verbs_and_so_does_no_argument_at_all()
    {
        var run = CliRun.Good("--help");
        foreach (var verb in Verbs.All()) Assert.Contains($"  {verb.Command.Name}", run.Out);
        Assert.Contains("Examples:", run.Out);
        Assert.Equal(run.Out, CliRun.Good().Out);
    }

    [Fact]
    public void Examples_are_commands_that_parse()
    {
        var lines = All.SelectMany(v => v.Verb.Examples).Select(e => e.Line).Where(l => l.StartsWith("nncc ", StringComparison.Ordinal))
            .ToList();
        Assert.NotEmpty(lines);
        foreach (string line in lines)
        {
            var parsed = CommandLine.Build([], new TestConsole()).Parse(line["nncc ".Length..].Split('>')[0].Trim());
            Assert.True(parsed.Errors.Count == 0, $"{line}: {string.Join("; ", parsed.Errors)}");
        }
    }

    [Fact]
    public void The_page_about_the_command_line_says_what_the_verbs_say()
    {
        string path = Repository.Under("docs", "cli.md");
        string expected = CliPage.Print();
        if (CaseFile.IsBlessing) File.WriteAllText(path, expected);
        string actual = File.Exists(path) ? File.ReadAllText(path) : "";
        Assert.True(actual == expected,
            $"docs/cli.md is not what the verbs say (NNCC_BLESS=1 writes it):\n{TextDifference.Show(actual, expected)}");
    }

    [Theory]
    [InlineData("bash", "complete -o filenames -F _nncc nncc")]
    [InlineData("zsh", "compdef _nncc nncc")]
    [InlineData("fish", "complete -c nncc")]
    [InlineData("pwsh", "Register-ArgumentCompleter")]
    public void There_is_a_completion_script_for_each_shell(string shell, string text) =>
        Assert.Contains(text, CliRun.Good("completion", shell).Out);

    [Fact]
    public void An_unknown_shell_is_a_usage_fault() => CliRun.Bad(1, ["tcsh"], "completion", "tcsh");

    [Theory]
    [InlineData("comp", "compile")]
    [InlineData("compile m.onnx --target cpu-", "cpu-avx512")]
    [InlineData("compile m.onnx --strategy ", "rules")]
    [InlineData("run m.onnx --eng", "--engine")]
    [InlineData("run m.onnx --engine ", "evaluator")]
    [InlineData("dump m.onnx --after ", "constant-folding")]
    [InlineData("zoo ", "squeezenet1_1")]
    public void Completion_knows_verbs_options_and_values(string line, string candidate) =>
        Assert.Contains(candidate, CliRun.Good($"[suggest:{line.Length}]", line).Out.Split('\n'));

    [Fact]
    public void The_bash_script_asks_for_what_stands_behind_the_name()
    {
        if (!File.Exists("/bin/bash")) return;
        // The script's function with a stand-in for nncc that prints its arguments.
        using var folder = new TemporaryFolder();
        string script = folder.At("try.sh");
        File.WriteAllText(script, CliRun.Good("completion", "bash").Out + """

            nncc() { echo "$1|$2" > asked; echo compile; }
            COMP_WORDS=(nncc comp); COMP_CWORD=1; COMP_LINE="nncc comp"; COMP_POINT=9
            _nncc
            echo "${COMPREPLY[@]}"
            """.Replace("\r", ""));
        var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/bash", [script])
            { WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = process.StandardOutput.ReadToEnd();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal("", error);
        Assert.Equal("compile\n", output);
        Assert.Equal("[suggest:4]|comp\n", File.ReadAllText(folder.At("asked")));
    }
}
