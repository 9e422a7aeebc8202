namespace Nncc.Zoo;

/// <summary>How an architecture is built.</summary>
/// <param name="Seed">Seed of all weights: the same seed gives the same bits on every machine.</param>
/// <param name="Batch">Size of the batch axis.</param>
public sealed record ZooOptions(ulong Seed = 1, int Batch = 1);
