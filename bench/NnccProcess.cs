using System.Diagnostics;

namespace Nncc.Bench;

/// <summary>nncc as a process of its own, so that no model finds the memory and the code of another.</summary>
internal static class NnccProcess
{
    /// <summary>What a command prints, and how it ends.</summary>
    public static (int Exit, string Output, string Error) Run(params IEnumerable<string> arguments)
    {
        using var process = Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "nncc.dll"), .. arguments]);
        var error = process.StandardError.ReadToEndAsync();
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, text, error.Result);
    }

    /// <summary>Runs a command as users do, by the start script of the checkout; it must print little.</summary>
    /// <returns>Its largest working set, in bytes.</returns>
    /// <exception cref="InvalidOperationException">The command failed.</exception>
    public static long PeakMemory(string root, params IEnumerable<string> arguments)
    {
        using var process = Start(Path.Combine(root, "nncc"), arguments);
        long peak = 0;
        while (!process.WaitForExit(5))
        {
            process.Refresh();
            try
            {
                peak = Math.Max(peak, process.PeakWorkingSet64);
            }
            catch (InvalidOperationException) when (process.HasExited)
            {
                break; // it ended just now
            }
        }
        process.WaitForExit();
        return process.ExitCode == 0 ? peak : throw new InvalidOperationException(process.StandardError.ReadToEnd());
    }

    private static Process Start(string program, IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
}
