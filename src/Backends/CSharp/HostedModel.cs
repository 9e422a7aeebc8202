namespace Nncc.Backends.CSharp;

/// <summary>
/// An instance of a compiled model in this process, and what must be freed after it. It runs once at a time; a run allocates nothing where
/// the outputs are given.
/// </summary>
public sealed class HostedModel : IDisposable
{
    private readonly Action<Array[], Array?[]> run;
    private readonly Action release;

    internal HostedModel(Action<Array[], Array?[]> run, Action release, long[]? ticks = null) =>
        (this.run, this.release, Ticks) = (run, release, ticks);

    /// <summary>Time of each step, added up over runs, in ticks of the stopwatch; null where the program does not keep it.</summary>
    internal long[]? Ticks { get; }

    /// <summary>From inputs to outputs, in the model's order; each array has the elements of its tensor in row-major order.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="outputs">Takes the outputs; arrays that are null are made.</param>
    /// <exception cref="NnccException">A kernel met data that it has no result for.</exception>
    public void Run(Array[] inputs, Array?[] outputs)
    {
        try
        {
            run(inputs, outputs);
        }
        catch (InvalidDataException e)
        {
            // What an emitted kernel says of such data is a fault like the evaluator's.
            throw new NnccException(FaultCodes.Data, e.Message);
        }
    }

    /// <summary>From inputs to outputs, which are made.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="outputs">Number of outputs of the model.</param>
    public Array[] Run(Array[] inputs, int outputs)
    {
        var made = new Array?[outputs];
        Run(inputs, made);
        return made!;
    }

    /// <summary>The same model with another way to free it.</summary>
    internal HostedModel With(Action otherRelease) => new(run, otherRelease, Ticks);

    /// <inheritdoc/>
    public void Dispose() => release();
}
