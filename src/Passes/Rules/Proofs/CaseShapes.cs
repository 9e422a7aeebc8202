using System.Collections.Immutable;

namespace Nncc.Passes.Rules.Proofs;

/// <summary>How large the cases of a proof are.</summary>
/// <param name="Rank">The greatest rank of operands that may have any.</param>
/// <param name="Size">The greatest size of an axis.</param>
internal readonly record struct CaseBound(int Rank, int Size)
{
    /// <summary>From the greatest on: the first that has not too many cases is taken.</summary>
    public static ImmutableArray<CaseBound> All { get; } = [new(3, 3), new(3, 2), new(2, 3), new(2, 2), new(1, 2)];

    /// <inheritdoc/>
    public override string ToString() => $"ranks to {Rank}, sizes to {Size}";
}

/// <summary>All shapes that an operand may have, given those before it.</summary>
/// <param name="bound">How large they are.</param>
internal sealed class CaseShapes(CaseBound bound)
{
    private readonly ImmutableArray<long[]> any = [.. Enumerable.Range(0, bound.Rank + 1).SelectMany(rank => OfRank(rank, bound.Size))];

    /// <summary>Shapes for the first operand of an op.</summary>
    public IReadOnlyList<long[]> First(string op) => op switch
    {
        _ when IsWindowed(op) => [[1, 1, 2], [1, 2, 3], [2, 2, 2], [1, 2, 2, 3]],
        "DepthToSpace" => [[1, 4, 1, 2], [1, 8, 2, 1]],
        "SpaceToDepth" => [[1, 1, 2, 4], [2, 2, 2, 2]],
        "Gemm" => [.. OfRank(2, bound.Size)],
        "MatMul" => [.. any.Where(s => s.Length >= 2)],
        "Concat" or "Split" or "Softmax" or "LogSoftmax" or "Squeeze" => [.. any.Where(s => s.Length > 0)],
        _ => any,
    };

    /// <summary>Shapes for a further operand; null where no more is known than that it broadcasts.</summary>
    public IReadOnlyList<long[]> Further(string op, int slot, ImmutableArray<long[]?> before, long group) =>
        (before[0]?.Length ?? 0) < LeastRank(op) ? [] : (op, slot) switch
    {
        ("Conv", 1) => [Filters(before[0]!, group, 1, 1), Filters(before[0]!, group, 1, 2), Filters(before[0]!, group, 2, 1),
            Filters(before[0]!, group, 2, 2)],
        ("Conv", 2) => [[before[1]![0]]],
        ("BatchNormalization", _) => [[before[0]![1]]],
        ("Gemm", 1) => OfRank(2, bound.Size),
        ("Gemm", 2) => any,
        ("MatMul", 1) => [.. any.Where(s => s.Length >= 2 && s[^2] == before[0]![^1])],
        ("Clip", _) or ("Pad", 2) => [[]],
        ("PRelu", 1) => Below(before[0]!),
        ("Concat", _) => any.Where(s => s.Length == before[0]!.Length && s.Zip(before[0]!).Count(p => p.First != p.Second) <= 1).ToList(),
        _ => [.. any.Where(s => before.All(b => b is null || Broadcasts(s, b)))],
    };

    /// <summary>Whether the first operand of an op has shapes of its own.</summary>
    public static bool IsWindowed(string op) => op is "Conv" or "MaxPool" or "AveragePool" or "GlobalAveragePool" or "BatchNormalization";

    private static int LeastRank(string op) => op switch { "Conv" => 3, "BatchNormalization" or "MatMul" or "Gemm" => 2, _ => 0 };

    private static long[] Filters(long[] x, long group, long perGroup, long taps) =>
        [perGroup * group, x[1] / group, .. x[2..].Select(_ => taps)];

    // What broadcasts to a shape.
    private List<long[]> Below(long[] shape) => [.. any.Where(s => s.Length <= shape.Length
        && Enumerable.Range(1, s.Length).All(i => s[^i] == 1 || s[^i] == shape[^i]))];

    private static bool Broadcasts(long[] a, long[] b) =>
        Enumerable.Range(1, Math.Min(a.Length, b.Length)).All(i => a[^i] == b[^i] || a[^i] == 1 || b[^i] == 1);

    private static List<long[]> OfRank(int rank, int size)
    {
        List<long[]> shapes = [[]];
        for (int axis = 0; axis < rank; axis++)
            shapes = [.. shapes.SelectMany(s => Enumerable.Range(1, size).Select(d => (long[])[.. s, d]))];
        return shapes;
    }
}
