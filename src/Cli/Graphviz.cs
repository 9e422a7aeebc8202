using System.ComponentModel;
using System.Diagnostics;

namespace Nncc.Cli;

/// <summary>Graphviz's <c>dot</c>, where it is installed.</summary>
internal static class Graphviz
{
    /// <summary>The picture of a text in the language of Graphviz, as SVG.</summary>
    /// <exception cref="NnccException">Graphviz is not installed, or it fails.</exception>
    public static string Svg(string dot, CancellationToken cancellation)
    {
        const string advice = "install Graphviz, or write text for it or for Mermaid: -o graph.dot, -o graph.mmd";
        var start = new ProcessStartInfo("dot", ["-Tsvg"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            using var registration = cancellation.Register(() => process.Kill());
            var error = process.StandardError.ReadToEndAsync(cancellation);
            var feeding = Task.Run(() =>
            {
                using var input = process.StandardInput;
                input.Write(dot);
            }, cancellation);
            string svg = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            cancellation.ThrowIfCancellationRequested();
            if (process.ExitCode != 0)
                throw new NnccException(FaultCodes.NoProgram, $"Graphviz failed: {error.GetAwaiter().GetResult().Trim()}", advice: advice);
            feeding.GetAwaiter().GetResult();
            return svg;
        }
        catch (Win32Exception)
        {
            throw new NnccException(FaultCodes.NoProgram, "SVG is drawn by Graphviz, and \"dot\" is not installed", advice: advice);
        }
    }
}
