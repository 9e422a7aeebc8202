namespace Nncc.IR.Ops;

/// <summary>The transpositions between channels as the second axis and as the last one.</summary>
internal static class ChannelOrder
{
    /// <summary>From [n, spatial..., c] to [n, c, spatial...].</summary>
    public static Transpose First(int rank) =>
        new(new long[] { 0, rank - 1 }.Concat(Enumerable.Range(1, rank - 2).Select(i => (long)i)).ToEquatable());

    /// <summary>From [n, c, spatial...] to [n, spatial..., c].</summary>
    public static Transpose Last(int rank) =>
        new(new[] { 0L }.Concat(Enumerable.Range(2, rank - 2).Select(i => (long)i)).Append(1).ToEquatable());
}
