using System.Diagnostics;
using Nncc.Backends;

namespace Nncc.Cli;

/// <summary>
/// A command of the user's that is run on candidate models. Each is written to a file, whose path stands for <c>{}</c> in the command, or
/// behind it.
/// </summary>
/// <param name="command">What a shell runs.</param>
/// <param name="limit">After this time a run is stopped; it counts as one that ended with no status.</param>
/// <param name="compiler">Writes the models.</param>
internal sealed class CheckCommand(string command, TimeSpan limit, Compiler compiler) : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("nncc-check-");

    /// <summary>The command's exit status on a model; null where it was stopped.</summary>
    /// <exception cref="NnccException">The shell cannot be started.</exception>
    public int? StatusOf(Model model, CancellationToken cancellation)
    {
        string path = Path.Combine(folder.FullName, "candidate.onnx");
        compiler.WriteOnnx(model, path, isAsItIs: true, cancellation);
        string quoted = OperatingSystem.IsWindows() ? $"\"{path}\"" : $"'{path}'";
        string line = command.Contains("{}", StringComparison.Ordinal) ? command.Replace("{}", quoted, StringComparison.Ordinal)
            : $"{command} {quoted}";
        var start = OperatingSystem.IsWindows() ? new ProcessStartInfo("cmd.exe", ["/c", line])
            : new ProcessStartInfo("/bin/sh", ["-c", line]);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start) ?? throw new NnccException(FaultCodes.Usage, "the command cannot be started", "--check");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stop.CancelAfter(limit);
        try
        {
            Task.WhenAll(process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, stop.Token),
                process.StandardError.BaseStream.CopyToAsync(Stream.Null, stop.Token), process.WaitForExitAsync(stop.Token))
                .GetAwaiter().GetResult();
            return process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            return null;
        }
    }

    public void Dispose() => folder.Delete(recursive: true);
}
