using System.Collections.Immutable;

namespace Nncc.Backends.Engines;

/// <summary>What can compute a model in this process.</summary>
public enum Engine
{
    /// <summary>Emitted C#, compiled in memory.</summary>
    CSharp,
    /// <summary>The evaluator, each result rounded to its type.</summary>
    Evaluator,
    /// <summary>The evaluator, floats held as binary64: the reference for errors.</summary>
    Wide,
    /// <summary>ONNX Runtime.</summary>
    OnnxRuntime,
}

/// <summary>A model that is ready to run.</summary>
public interface IModelRunner : IDisposable
{
    /// <summary>What computes it, for messages and tables: <c>csharp cpu-avx2</c>.</summary>
    string Name { get; }

    /// <summary>The outputs in the model's order.</summary>
    /// <param name="inputs">The inputs in the model's order; null takes the default of one that has a default.</param>
    /// <param name="cancellation">Ends a long run where the engine can be stopped.</param>
    /// <exception cref="NnccException">An input does not fit, or the computation meets data that it has no result for.</exception>
    ImmutableArray<Datum> Run(ImmutableArray<Datum?> inputs, CancellationToken cancellation = default);
}
