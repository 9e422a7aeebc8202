using System.Collections.Immutable;

namespace Nncc.Backends.Benchmarks;

/// <summary>An engine with a model, prepared inputs and places for outputs, so that a run allocates nothing.</summary>
internal abstract class Contestant : IDisposable
{
    /// <summary><c>nncc</c> or <c>onnxruntime</c>.</summary>
    public abstract string Engine { get; }

    /// <summary>Milliseconds from the model as read to code.</summary>
    public double CompileMs { get; protected init; }

    /// <summary>Milliseconds until the first run could start.</summary>
    public double LoadMs { get; protected init; }

    /// <summary>Runs the model on its inputs.</summary>
    /// <exception cref="NnccException">The run fails.</exception>
    public abstract void Run();

    /// <summary>Outputs of the last run, in the model's order.</summary>
    public abstract ImmutableArray<Datum> Outputs { get; }

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Milliseconds of some work.</summary>
    protected static T Timed<T>(TimeProvider clock, Func<T> work, out double milliseconds)
    {
        long start = clock.GetTimestamp();
        var result = work();
        milliseconds = clock.GetElapsedTime(start).TotalMilliseconds;
        return result;
    }
}
