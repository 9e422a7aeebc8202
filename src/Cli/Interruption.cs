using System.Runtime.InteropServices;

namespace Nncc.Cli;

/// <summary>
/// Ctrl-C and the signals that ask a process to end. They cancel what runs, which then leaves nothing half written; what does not stop
/// within the time of grace (a long kernel) is ended with the process, and so it is at the second Ctrl-C.
/// </summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>How the process ends when it was interrupted, as shells have it: 128 and the number of SIGINT.</summary>
    public const int Exit = 130;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;
    private Timer? timer;

    public Interruption() => registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Hear),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Hear),
    ];

    /// <summary>Cancelled at the first signal.</summary>
    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        foreach (var registration in registrations) registration.Dispose();
        timer?.Dispose();
        source.Dispose();
    }

    private void Hear(PosixSignalContext context)
    {
        if (source.IsCancellationRequested) return;
        context.Cancel = true;
        timer = new Timer(_ => Environment.Exit(Exit), null, Grace, Timeout.InfiniteTimeSpan);
        source.Cancel();
    }
}
