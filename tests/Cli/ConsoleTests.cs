using Nncc.Cli;
using Nncc.Tests.Support;

namespace Nncc.Tests.Cli;

/// <summary>Tables, colours, quiet and verbose, and what is said of a mistake of nncc.</summary>
public class ConsoleTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_table_is_cut_for_a_narrow_terminal_and_nowhere_else()
    {
        var table = new TextTable("name", ">count");
        table.Add("a name that is longer than the terminal is wide", "12");
        table.Add("short", "3");
        Assert.Equal(["name                                             count", "a name that is longer than the terminal is wide     12",
            "short                                                3"],
            table.Lines(int.MaxValue));
        Assert.All(table.Lines(30), line => Assert.True(line.Length <= 30, line));
        Assert.Contains("…", string.Concat(table.Lines(30)));
    }

    [Fact]
    public void Colours_are_for_terminals_that_want_them()
    {
        Assert.DoesNotContain('\e', CliRun.On(new TestConsole(), "targets", "list").Out);
        Assert.DoesNotContain('\e', CliRun.On(new TestConsole { IsTerminal = true, Width = 100 }, "targets", "list").Out);
        Assert.Contains('\e', CliRun.On(new TestConsole { IsTerminal = true, WantsColor = true, Width = 100 }, "targets", "list").Out);
        Assert.DoesNotContain('\e', CliRun.On(new TestConsole { IsTerminal = true, WantsColor = true, Width = 100 }, "targets", "list",
            "--json").Out);
    }

    [Fact]
    public void Verbose_tells_each_pass_and_quiet_nothing()
    {
        string model = CliModels.Write(folder);
        var verbose = CliRun.Of("compile", model, "-o", folder.At("out"), "-v");
        Assert.Contains("constant-folding:", verbose.Error);
        var quiet = CliRun.Of("compile", model, "-o", folder.At("out"), "-q");
        Assert.Equal("", quiet.Out + quiet.Error);
        Assert.Equal("", CliRun.Of("compile", model, "-o", folder.At("out")).Error);
    }

    [Fact]
    public void A_mistake_of_nncc_leaves_a_file_and_one_message()
    {
        string message = FailureReport.Write(new InvalidOperationException("index\nout of range"), ["run", "my model.onnx"], folder.Path);
        Assert.Contains("internal error: index out of range", message);
        Assert.Contains("mistake of nncc", message);
        Assert.Contains("nncc-failure.txt", message);
        string report = File.ReadAllText(folder.At("nncc-failure.txt"));
        Assert.Contains("nncc run \"my model.onnx\"", report);
        Assert.Contains("InvalidOperationException", report);
    }

    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(1023, "1023 bytes")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(5L << 30, "5.0 GiB")]
    [InlineData(5L << 40, "5120.0 GiB")]
    public void Sizes_have_units(long bytes, string text) => Assert.Equal(text, Sizes.Text(bytes));
}
