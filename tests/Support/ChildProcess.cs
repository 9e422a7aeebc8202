using System.Diagnostics;

namespace Nncc.Tests.Support;

/// <summary>Runs the command line and other programs in processes of their own, for settings that a process has from its start.</summary>
internal static class ChildProcess
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Runs a verb; fails where it does not end well. Gives its standard output.</summary>
    public static string Nncc(string[] arguments, string folder, IReadOnlyDictionary<string, string> settings) =>
        Run("dotnet", [Path.Combine(AppContext.BaseDirectory, "nncc.dll"), .. arguments], folder, settings);

    /// <summary>Runs a program; fails where it does not end well. Gives its standard output.</summary>
    public static string Run(string program, string[] arguments, string folder, IReadOnlyDictionary<string, string> settings)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in settings) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} does not end");
        }
        Assert.True(process.ExitCode == 0,
            $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {error.Result}{output}");
        return output;
    }
}
