namespace Nncc.Passes.Programs;

/// <summary>
/// Steps that follow each other, each of which reads the result of the one before in windows of rows, computed in bands: some rows of each
/// in turn, so that between them a few rows lie in a near cache and not whole images in a far one. The buffers between them hold so many
/// rows; what the next band needs again of them is moved to their beginning. Each element is computed as it is without bands. A step alone
/// is a chain where threads share its rows.
/// </summary>
/// <param name="First">The first step.</param>
/// <param name="Rows">Rows of the last result in a band; the last band may have fewer.</param>
/// <param name="Held">Rows that the result of each step but the last one is held in.</param>
public sealed record BandChain(int First, long Rows, EquatableArray<long> Held)
{
    /// <summary>Steps of the chain.</summary>
    public int Count => Held.Count + 1;

    /// <summary>The last step.</summary>
    public int Last => First + Held.Count;
}
