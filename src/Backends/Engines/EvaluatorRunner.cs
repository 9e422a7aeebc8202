using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.Backends.Engines;

/// <summary>A graph by the meaning of its ops.</summary>
/// <param name="graph">The graph.</param>
/// <param name="isWide">Whether floats stay binary64.</param>
/// <param name="name">Name for tables; null for the policy's.</param>
public sealed class EvaluatorRunner(Graph graph, bool isWide = false, string? name = null) : IModelRunner
{
    /// <inheritdoc/>
    public string Name => name ?? (isWide ? "wide" : "evaluator");

    /// <inheritdoc/>
    public ImmutableArray<Datum> Run(ImmutableArray<Datum?> inputs, CancellationToken cancellation = default) =>
        new Evaluator(isWide, cancellation).Run(graph, inputs);

    /// <inheritdoc/>
    public void Dispose() { }
}
