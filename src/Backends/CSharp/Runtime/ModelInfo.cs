namespace Nncc.Backends.CSharp.Runtime;

/// <summary>What is known of a model without running it.</summary>
/// <param name="Name">Name of the model.</param>
/// <param name="Inputs">Inputs in order.</param>
/// <param name="Outputs">Outputs in order.</param>
/// <param name="Target">The target profile that it was compiled for.</param>
/// <param name="InstructionSets">Instruction sets that it needs.</param>
/// <param name="Compiler">Name and version of the compiler.</param>
/// <param name="WeightsHash">SHA-256 of its packed weights, in hexadecimal.</param>
/// <param name="ArenaBytes">Bytes of working memory of an instance.</param>
internal sealed record ModelInfo(string Name, IReadOnlyList<ModelPort> Inputs, IReadOnlyList<ModelPort> Outputs, string Target,
    IReadOnlyList<string> InstructionSets, string Compiler, string WeightsHash, long ArenaBytes);

/// <summary>A model that is ready to run, whatever its inputs and outputs are. One run at a time.</summary>
internal interface IModel : IDisposable
{
    /// <summary>Runs the model; the sink gives memory for each output once its sizes are known.</summary>
    /// <param name="inputs">The inputs in order.</param>
    /// <param name="outputs">Gives memory for the outputs.</param>
    /// <exception cref="ArgumentException">Number, types or sizes do not fit; nothing was run.</exception>
    void Run(ReadOnlySpan<TensorView> inputs, IOutputSink outputs);
}

/// <summary>Gives memory for outputs.</summary>
internal interface IOutputSink
{
    /// <summary>Memory for an output of these sizes. What is in it is overwritten.</summary>
    /// <param name="output">Which output.</param>
    /// <param name="port">The output's name and type.</param>
    /// <param name="dims">Its sizes, outermost first.</param>
    TensorView Take(int output, ModelPort port, ReadOnlySpan<long> dims);
}

/// <summary>Gives new arrays and keeps them.</summary>
internal sealed class NewOutputs : IOutputSink
{
    private readonly List<TensorView> views = [];

    /// <summary>The outputs so far.</summary>
    public IReadOnlyList<TensorView> Views => views;

    /// <inheritdoc/>
    public TensorView Take(int output, ModelPort port, ReadOnlySpan<long> dims)
    {
        while (views.Count <= output) views.Add(default);
        return views[output] = TensorView.New(port.Type, dims);
    }
}
