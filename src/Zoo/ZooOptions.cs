namespace Nncc.Zoo;

/// <summary>How an architecture is built.</summary>
/// <param name="Seed">Seed of all weights: the same seed gives the same bits on every machine.</param>
/// <param name="Batch">Size of the batch axis.</param>
public sealed record ZooOptions(ulong Seed = 1, int Batch = 1)
{
    /// <summary>Factor of the numbers of channels, rounded as the family's source rounds them; null for the architecture's own.</summary>
    public double? Width { get; init; }

    /// <summary>Factor of the numbers of layers in each stage, rounded up; null for the architecture's own.</summary>
    public double? Depth { get; init; }

    /// <summary>Pixels a side of the input; null for the architecture's own.</summary>
    public int? Resolution { get; init; }

    /// <summary>Classes of the classifier; null for 1000.</summary>
    public int? Classes { get; init; }

    /// <summary>
    /// Whether weights have elements. Without, constants have types alone: enough to count, nothing to compute or write with.
    /// </summary>
    public bool HasWeights { get; init; } = true;
}
