using System.Collections.Immutable;

namespace Nncc.IR;

/// <summary>A graph with what a model file says beside it.</summary>
/// <param name="Graph">The graph.</param>
/// <param name="Header">The rest.</param>
public sealed record Model(Graph Graph, ModelHeader Header)
{
    /// <summary>What is odd about the file but no fault: a declared shape that cannot be, for instance.</summary>
    public ImmutableArray<Fault> Warnings { get; init; } = [];
}

/// <summary>What a model file says beside its graph.</summary>
/// <param name="IrVersion">ONNX IR version; 0 for a model that was not read from a file.</param>
/// <param name="Opsets">Opset version by domain (empty for ai.onnx).</param>
/// <param name="Producer">Name and version of the tool that wrote it.</param>
/// <param name="Domain">Domain of the model.</param>
/// <param name="Version">Version of the model.</param>
/// <param name="Doc">Documentation.</param>
/// <param name="Metadata">Metadata entries, ordered by key.</param>
public sealed record ModelHeader(
    int IrVersion, ImmutableSortedDictionary<string, int> Opsets, string Producer = "", string Domain = "", long Version = 0,
    string Doc = "",
    ImmutableSortedDictionary<string, string>? Metadata = null)
{
    /// <summary>Of a model that nncc made.</summary>
    public static ModelHeader Empty { get; } = new(0, ImmutableSortedDictionary<string, int>.Empty);

    /// <summary>What keeps the mapped file open that weights are slices of; null where there is none.</summary>
    public IDisposable? Storage { get; init; }
}
