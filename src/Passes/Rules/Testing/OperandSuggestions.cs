using System.Collections.Immutable;

namespace Nncc.Passes.Rules.Testing;

/// <summary>
/// What an op may take as an operand, given the operands before it: a type, and a content where it is a parameter that says sizes or axes.
/// A suggestion need not be legal; what the op refuses is tried again.
/// </summary>
/// <param name="random">Chooses.</param>
/// <param name="most">The greatest size of an axis.</param>
internal sealed class OperandSuggestions(Random random, int most)
{
    /// <summary>Sizes of the tensors that broadcast against each other in the instance.</summary>
    public long[] Common { get; set; } = [];

    // All slices of an instance run backwards, or none.
    private readonly bool isBackwards = random.Next(4) == 0;

    // Empty tensors are rare, and never alone the reason why an instance is found.
    private readonly bool hasEmpty = random.Next(12) == 0;

    /// <summary>A size.</summary>
    public long Size() => hasEmpty && random.Next(4) == 0 ? 0 : random.Next(4) == 0 ? 1 : random.Next(1, most + 1);

    /// <summary>The rank that the first operand of an op likes.</summary>
    public int Rank(string op) => op switch
    {
        "Conv" or "ConvTranspose" or "MaxPool" or "AveragePool" or "GlobalAveragePool" or "GlobalMaxPool" or "LRN" or "DepthToSpace"
            or "SpaceToDepth" or "Resize" => random.Next(5) == 0 ? 3 : 4,
        "BatchNormalization" or "InstanceNormalization" or "GroupNormalization" => random.Next(3, 5),
        "Gemm" => 2,
        "MatMul" => random.Next(2, 5),
        _ => random.Next(0, 12) == 0 ? 0 : random.Next(1, 5),
    };

    /// <summary>The content of a parameter, or null where the operand is data.</summary>
    public Tensor? Parameter(string op, int slot, ImmutableArray<IrType?> before)
    {
        if (slot == 0 || before.Length == 0 || before[0] is not TensorType { Shape: { } shape } || shape.ToStatic() is not { } dims)
            return null;
        int rank = dims.Length;
        switch (op, slot)
        {
            case ("Reshape", 1): return Longs(Regrouped(dims));
            case ("Expand", 1): return Longs([.. dims.Select(d => d == 1 && random.Next(2) == 0 ? Size() : d)]);
            case ("Tile", 1): return Longs([.. dims.Select(_ => random.Next(3) > 0 ? 1L : 2L)]);
            case ("Squeeze", 1): return Longs([.. dims.Select((d, i) => (d, i)).Where(p => p.d == 1).Select(p => (long)p.i)]);
            case ("Unsqueeze", 1): return Longs(Distinct(random.Next(1, 3), rank + 1));
            case ("Pad", 1): return Longs([.. Enumerable.Range(0, 2 * rank).Select(_ => random.Next(3) == 0 ? (long)random.Next(0, 3)
                : 0)]);
            case ("Slice", 1) when isBackwards: return Longs([.. dims.Select(_ => -1L)]);
            case ("Slice", 2) when isBackwards: return Longs([.. dims.Select(_ => (long)int.MinValue)]);
            case ("Slice", 4) when isBackwards: return Longs([.. dims.Select(_ => -1L)]);
            case ("Dropout", 2): return Tensor.FromLongs(DType.Bool, [], [random.Next(2)]);
            case ("Slice", 1): return Longs([.. dims.Select(_ => (long)random.Next(3) / 2)]);
            case ("Slice", 2): return Longs([.. dims.Select(d => random.Next(2) == 0 ? int.MaxValue : d)]);
            case ("Slice", 3): return Longs([.. dims.Select((_, i) => (long)i)]);
            case ("Slice", 4): return Longs([.. dims.Select(_ => 1L)]);
            case ("Split", 1): return null;
            case ("Gather", 1): return Tensor.FromLongs(DType.Int64, random.Next(2) == 0 ? [] : [2], random.Next(2) == 0 ? [0] : [0, 0]);
            case ("Clip", 1): return null;
            case ("Pow", 1) when random.Next(2) == 0: return Tensor.FromDoubles(((TensorType)before[0]!).DType, [], [random.Next(4)]);
        }
        if (op.StartsWith("Reduce", StringComparison.Ordinal) && slot == 1 && rank > 0)
            return Longs(random.Next(3) == 0 ? [-1] : Distinct(random.Next(1, rank + 1), rank));
        return null;
    }

    /// <summary>A type for an operand that is data.</summary>
    public TensorType Data(string op, int slot, ImmutableArray<IrType?> before, DType dtype, long group)
    {
        if (slot == 0 || before.Length == 0 || before[0] is not TensorType { Shape: { } shape } first || shape.ToStatic() is not { } dims)
            return Fit(dtype, slot == 0 ? First(op) : Common);
        long[] own = (op, slot) switch
        {
            ("Conv", 1) => [Filters(group), Math.Max(1, dims[1] / Math.Max(1, group)), .. dims[2..].Select(_ => (long)random.Next(1, 3))],
            ("ConvTranspose", 1) => [dims[1], Size(), .. dims[2..].Select(_ => (long)random.Next(1, 3))],
            ("Conv", 2) => [Of(before[1])[0]],
            ("ConvTranspose", 2) => [Of(before[1])[1] * group],
            ("BatchNormalization" or "InstanceNormalization" or "GroupNormalization", _) => [dims[1]],
            ("LayerNormalization" or "RMSNormalization", _) => dims[^1..],
            ("Gemm", 1) => random.Next(2) == 0 ? [dims[1], Size()] : [Size(), dims[1]],
            ("Gemm", 2) => random.Next(3) == 0 ? [1] : [Of(before[1])[random.Next(2)]],
            ("MatMul", 1) => random.Next(2) == 0 ? [dims[^1], Size()] : [.. dims[..^2], dims[^1], Size()],
            ("PRelu", 1) => dims.Length > 1 ? [dims[1], .. dims[2..].Select(_ => 1L)] : [1],
            ("Clip", _) => [],
            ("Concat", _) => dims,
            _ => Broadcast(dims),
        };
        var type = op == "Where" && slot > 0 ? dtype : first.DType;
        return Fit(type, own);
    }

    private static long[] Of(IrType? type) => (type as TensorType)?.Shape?.ToStatic() ?? [1, 1];

    private long Filters(long group) => group * random.Next(1, 4);

    private long[] First(string op)
    {
        int rank = Rank(op);
        if (Common.Length == rank && random.Next(4) > 0) return Common;
        return [.. Enumerable.Range(0, rank).Select(_ => Size())];
    }

    // The same, a part of it with ones, or an axis less.
    private long[] Broadcast(long[] dims)
    {
        switch (random.Next(5))
        {
            case 0: return [.. dims.Select(d => random.Next(2) == 0 ? 1 : d)];
            case 1 when dims.Length > 1: return dims[random.Next(1, dims.Length)..];
            case 2 when dims.Length > 1: return [dims[1], .. dims[2..].Select(_ => 1L)];
            case 3: return [];
            default: return dims;
        }
    }

    private long[] Regrouped(long[] dims)
    {
        long count = dims.Aggregate(1L, (a, b) => a * b);
        switch (random.Next(6))
        {
            case 0: return [-1];
            case 1: return [.. dims.Reverse()];
            case 2: return dims;
            case 3 when dims.Length > 1: return [.. dims[..^2], dims[^2] * dims[^1]];
            case 4 when dims.Length > 0: return [0, -1];
            default:
                var list = new List<long>();
                for (int divisor = 2; divisor <= count && list.Count < 3; divisor++)
                    if (count % divisor == 0 && random.Next(2) == 0)
                    {
                        list.Add(divisor);
                        count /= divisor;
                    }
                return [.. list, count];
        }
    }

    private long[] Distinct(int count, int below) =>
        [.. Enumerable.Range(0, Math.Max(1, below)).OrderBy(_ => random.Next()).Take(count).Order().Select(i => (long)i)];

    private static TensorType Fit(DType dtype, long[] dims) => new(dtype, Shape.Of(dims));

    private static Tensor Longs(long[] items) => Tensor.Vector(items);
}
