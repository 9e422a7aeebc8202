using System.Text.Json;
using Nncc.Cli;

namespace Nncc.Tests.Cli;

/// <summary>A console of strings.</summary>
internal sealed class TestConsole : IConsole
{
    private readonly StringWriter output = new() { NewLine = "\n" };
    private readonly StringWriter error = new() { NewLine = "\n" };

    public TextWriter Out => output;

    public TextWriter Error => error;

    public bool IsTerminal { get; init; }

    public bool IsErrorTerminal => false;

    public bool WantsColor { get; init; }

    public int Width { get; init; } = int.MaxValue;
}

/// <summary>What a command gave.</summary>
/// <param name="Exit">The exit code.</param>
/// <param name="Out">What it printed as result.</param>
/// <param name="Error">What else it printed.</param>
internal sealed record CliRun(int Exit, string Out, string Error)
{
    /// <summary>The result as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    /// <summary>Runs a command in this process.</summary>
    public static CliRun Of(params string[] args) => On(new TestConsole(), args);

    /// <summary>Runs a command on a console.</summary>
    public static CliRun On(TestConsole console, params string[] args)
    {
        int exit = CommandLine.Run(args, console);
        return new CliRun(exit, console.Out.ToString()!, console.Error.ToString()!);
    }

    /// <summary>Runs a command that must succeed without a word on the error output.</summary>
    public static CliRun Good(params string[] args)
    {
        var run = Of(args);
        Assert.True(run.Exit == 0 && run.Error.Length == 0, $"nncc {string.Join(' ', args)} gave {run.Exit}:\n{run.Error}{run.Out}");
        return run;
    }

    /// <summary>Runs a command that must fail with this code, and with a message that holds these texts and no stack trace.</summary>
    public static CliRun Bad(int exit, IEnumerable<string> texts, params string[] args)
    {
        var run = Of(args);
        Assert.True(run.Exit == exit, $"nncc {string.Join(' ', args)} gave {run.Exit} in place of {exit}:\n{run.Error}{run.Out}");
        foreach (string text in texts) Assert.Contains(text, run.Error);
        Assert.Matches(@"(?m)^NNC\d{4} error: ", run.Error);
        Assert.DoesNotContain("   at ", run.Error);
        return run;
    }
}
