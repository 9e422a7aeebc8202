using Nncc.Backends.CSharp.Runtime;

namespace Nncc.Backends.Calibration;

/// <summary>Steps of several threads with nothing to do: what emitted code waits for after each step that threads share.</summary>
internal sealed class TeamProbe : IDisposable
{
    private readonly ThreadTeam team;

    /// <summary>Starts the threads, the caller's included.</summary>
    public TeamProbe(int threads) => team = new ThreadTeam(threads);

    /// <summary>Makes so many steps.</summary>
    public void Steps(int count) => team.Run(_ =>
    {
        for (int i = 0; i < count; i++) team.Wait();
    });

    /// <inheritdoc/>
    public void Dispose() => team.Dispose();
}
