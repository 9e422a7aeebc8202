using System.Collections.Immutable;

namespace Nncc.Passes.Rules.Proofs;

/// <summary>Contents of operands that say axes, sizes and places, and values of attributes, up to a bound.</summary>
internal static class CaseParameters
{
    /// <summary>Whether an operand says axes, sizes or places.</summary>
    public static bool IsParameter(string op, int slot) => slot > 0 && (op is "Reshape" or "Expand" or "Tile" or "Squeeze" or "Unsqueeze"
        or "Slice" or "Split" or "Gather" || (op == "Pad" && slot is 1 or 3)
        || (op == "Dropout") || (op.StartsWith("Reduce", StringComparison.Ordinal) && slot == 1));

    /// <summary>Contents of such an operand, for the sizes of the first one.</summary>
    /// <param name="op">The op.</param>
    /// <param name="slot">The operand.</param>
    /// <param name="dims">Sizes of the first operand.</param>
    /// <param name="axis">The attribute axis, where there is one.</param>
    /// <param name="results">How many results the op has.</param>
    public static IReadOnlyList<Tensor> Of(string op, int slot, long[] dims, long axis, int results) => (op, slot) switch
    {
        ("Reshape", _) => Vectors([.. Factors(dims.Aggregate(1L, (a, b) => a * b), 3), [-1], .. dims.Length > 0 ? [(long[])[0, -1]]
            : Array.Empty<long[]>()]),
        ("Expand", _) => Vectors([.. Product(dims, d => d == 1 ? [1, 2] : [d]), [2, .. dims]]),
        ("Tile", _) => Vectors(Product(dims, _ => [1, 2])),
        ("Squeeze", _) => Vectors(Subsets([.. Enumerable.Range(0, dims.Length).Where(i => dims[i] == 1).Select(i => (long)i)])),
        ("Unsqueeze", _) => Vectors([.. Subsets(Range(dims.Length + 1)).Where(s => s.Length == 1),
            .. Subsets(Range(dims.Length + 2)).Where(s => s.Length == 2)]),
        ("Pad", 1) when dims.Length <= 2 => Vectors(Product([.. dims, .. dims], _ => [0, 1])),
        // One side at a time, all, and all but the first two axes.
        ("Pad", 1) => Vectors([[.. dims, .. dims], .. Enumerable.Range(-1, 2 * dims.Length + 1).Select(at =>
            Enumerable.Range(0, 2 * dims.Length).Select(i => i == at ? 1L : 0).ToArray()),
            Enumerable.Range(0, 2 * dims.Length).Select(i => i % dims.Length > 1 ? 1L + i / dims.Length : 0).ToArray()]),
        ("Pad", 3) => Vectors([[.. Range(dims.Length)]]),
        ("Slice", 1) => Vectors([[.. dims.Select(_ => 0L)], [.. dims.Select(_ => 1L)], [.. dims.Select(_ => -1L)]]),
        ("Slice", 2) => Vectors([[.. dims.Select(_ => (long)int.MaxValue)], [.. dims.Select(_ => 1L)],
            [.. dims.Select(_ => -(long)int.MaxValue)]]),
        ("Slice", 3) => Vectors([[.. Range(dims.Length)]]),
        ("Slice", 4) => Vectors([[.. dims.Select(_ => 1L)], [.. dims.Select(_ => -1L)], [.. dims.Select(_ => 2L)]]),
        ("Split", _) => Vectors(Parts(dims[axis < 0 ? axis + dims.Length : axis], results)),
        ("Gather", _) => [Tensor.Scalar(0L), Tensor.Vector(0L), Tensor.Vector(0L, -1L)],
        ("Dropout", 1) => [Tensor.Scalar(0.5f)],
        ("Dropout", _) => [Tensor.Scalar(false), Tensor.Scalar(true)],
        _ => Vectors([.. Subsets(Range(dims.Length)), .. dims.Length > 0 ? [(long[])[-1]] : Array.Empty<long[]>()]),
    };

    /// <summary>Values of an attribute that a pattern leaves open; null among them stands for the default.</summary>
    /// <param name="op">The op.</param>
    /// <param name="attribute">The attribute.</param>
    /// <param name="dims">Sizes of the first operand; null where it is absent.</param>
    public static IReadOnlyList<object?> Attribute(string op, AttributeDefinition attribute, long[]? dims)
    {
        int rank = dims?.Length ?? 0, spatial = Math.Max(0, rank - 2);
        return attribute.Name switch
        {
            "perm" => [.. Orders([.. Range(rank)]).Select(p => (object?)p.ToEquatable())],
            "axis" when op == "Flatten" => [.. Range(rank + 1).Select(i => (object?)i)],
            "axis" => [.. Range(rank).Select(i => (object?)i)],
            "keepdims" => [0L, 1L],
            "transA" or "transB" => [0L, 1L],
            "group" => dims is [_, > 1, ..] ? [1L, dims[1]] : [1L],
            "kernel_shape" when attribute.IsRequired => [Same(spatial, 1), Same(spatial, 2)],
            "strides" => [null, Same(spatial, 2)],
            "pads" when op != "Pad" => [null, Same(2 * spatial, 1)],
            "epsilon" => [0.01f],
            "alpha" or "beta" when op == "Gemm" => [null, 0.5f],
            "alpha" => [null, 0.25f],
            "blocksize" => [2L],
            "to" => [(long)DType.Float64, (long)DType.Float32, (long)DType.Int32, (long)DType.UInt8],
            "mode" when attribute.Choices is { } choices => [.. choices],
            _ when attribute.IsRequired => throw new UndecidedException($"no values of {op}.{attribute.Name} are known"),
            _ => [null],
        };
    }

    private static object Same(int count, long item) => Enumerable.Repeat(item, count).ToEquatable();

    private static IEnumerable<long> Range(int count) => Enumerable.Range(0, count).Select(i => (long)i);

    private static Tensor[] Vectors(IEnumerable<long[]> lists) => [.. lists.Select(l => Tensor.Vector(l))];

    private static List<long[]> Product(long[] items, Func<long, long[]> options)
    {
        List<long[]> lists = [[]];
        foreach (long item in items) lists = [.. lists.SelectMany(l => options(item).Select(o => (long[])[.. l, o]))];
        return lists;
    }

    private static List<long[]> Subsets(IEnumerable<long> items)
    {
        List<long[]> sets = [[]];
        foreach (long item in items) sets = [.. sets, .. sets.Select(s => (long[])[.. s, item])];
        return [.. sets.Where(s => s.Length > 0)];
    }

    private static IEnumerable<long[]> Orders(long[] items) => items.Length == 0 ? [[]]
        : items.SelectMany(first => Orders([.. items.Where(i => i != first)]).Select(rest => (long[])[first, .. rest]));

    // Lists of up to so many factors with that product, ones among them.
    private static List<long[]> Factors(long product, int most)
    {
        List<long[]> lists = product == 1 ? [[]] : [];
        if (most == 0) return lists;
        for (long first = 1; first <= product; first++)
            if (product % first == 0)
                foreach (long[] rest in Factors(product / first, most - 1)) lists.Add([first, .. rest]);
        return lists;
    }

    private static List<long[]> Parts(long size, int count) => count == 1 ? [[size]]
        : [.. Enumerable.Range(0, (int)size + 1).SelectMany(first => Parts(size - first, count - 1).Select(rest =>
            (long[])[first, .. rest]))];
}
