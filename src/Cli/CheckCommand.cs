using System.Diagnostics;
using System.Text.RegularExpressions;
using Nncc.Backends;

namespace Nncc.Cli;

/// <summary>How a command ends.</summary>
/// <param name="Status">Its exit status; null where it was stopped.</param>
/// <param name="Fault">The number of the first fault, where the command is nncc and tells one.</param>
internal sealed record CheckEnd(int? Status, string? Fault)
{
    /// <summary>Whether it failed.</summary>
    public bool IsFailure => Status is not (null or 0);

    public override string ToString() => Fault is null ? $"exit status {Status}" : $"exit status {Status} and {Fault}";
}

/// <summary>
/// A command of the user's that is run on candidate models. Each is written to a file, whose path stands for <c>{}</c> in the command, or
/// behind it.
/// </summary>
/// <param name="command">What a shell runs.</param>
/// <param name="limit">After this time a run is stopped; it counts as one that ended with no status.</param>
/// <param name="compiler">Writes the models.</param>
internal sealed partial class CheckCommand(string command, TimeSpan limit, Compiler compiler) : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("nncc-check-");

    /// <summary>How the command ends on a model.</summary>
    /// <exception cref="NnccException">The shell cannot be started.</exception>
    public CheckEnd Run(Model model, CancellationToken cancellation)
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
            var fault = FirstFault(process.StandardError, stop.Token);
            Task.WhenAll(process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, stop.Token), fault,
                process.WaitForExitAsync(stop.Token)).GetAwaiter().GetResult();
            return new CheckEnd(process.ExitCode, fault.Result);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            return new CheckEnd(null, null);
        }
    }

    // Reads to the end, so that the command never waits.
    private static async Task<string?> FirstFault(StreamReader text, CancellationToken cancellation)
    {
        string? first = null;
        while (await text.ReadLineAsync(cancellation) is { } line)
            if (first is null && NumberedFault().Match(line) is { Success: true } match) first = match.Groups[1].Value;
        return first;
    }

    [GeneratedRegex(@"^(NNC\d{4}) error: ")]
    private static partial Regex NumberedFault();

    public void Dispose() => folder.Delete(recursive: true);
}
