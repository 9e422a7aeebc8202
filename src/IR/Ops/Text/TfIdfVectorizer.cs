using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// Counts of known n-grams in each row of X [c] or [n, c]: entry <c>ngram_indexes[i]</c> of a row counts n-gram i of the pool, its items at
/// equal distances of 1 to <paramref name="MaxSkipCount"/> + 1. Source: ai.onnx TfIdfVectorizer.
/// </summary>
/// <param name="MaxGramLength">The longest n-grams that count.</param>
/// <param name="MaxSkipCount">The most items between two of an n-gram.</param>
/// <param name="MinGramLength">The shortest n-grams that count.</param>
/// <param name="Mode">What the entries are.</param>
/// <param name="NgramCounts">Where in the pool the n-grams of each length begin.</param>
/// <param name="NgramIndexes">The place of each n-gram in the result.</param>
/// <param name="PoolInt64s">Items of all n-grams, where X holds integers.</param>
/// <param name="PoolStrings">Items of all n-grams, where X holds strings.</param>
/// <param name="Weights">The weight of each n-gram; empty for 1.</param>
public sealed record TfIdfVectorizer(long MaxGramLength, long MaxSkipCount, long MinGramLength, TfIdfMode Mode,
    EquatableArray<long> NgramCounts, EquatableArray<long> NgramIndexes,
        [OnnxName("pool_int64s")] EquatableArray<long> PoolInt64s = default,
    EquatableArray<string> PoolStrings = default, EquatableArray<float> Weights = default) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<TfIdfVectorizer>("X", "Y", [9]);

    private long Size => NgramIndexes.IsEmpty ? 0 : NgramIndexes.Max() + 1;

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Tensor(0, t => t is DType.Int32 or DType.Int64 or DType.String, "i32, i64 or string");
        if (x.Shape is { Rank: < 1 or > 2 }) throw context.Fault(FaultCodes.OperandShape, $"the operand must be [c] or [n,c], got {x}");
        if (MinGramLength < 1 || MaxGramLength < MinGramLength || MaxSkipCount < 0 || NgramIndexes.IsEmpty || NgramIndexes.Any(i => i < 0)
            || NgramIndexes.Any(i => i >= int.MaxValue) || (!Weights.IsEmpty && Weights.Count < NgramIndexes.Count)
            || PoolInt64s.IsEmpty == PoolStrings.IsEmpty)
            throw context.Fault(FaultCodes.Attribute, $"lengths of n-grams from {MinGramLength} to {MaxGramLength}, {MaxSkipCount} skips, "
                + $"{NgramIndexes.Count} indexes, {Weights.Count} weights and pools of {PoolInt64s.Count} integers and {PoolStrings.Count} "
                + "strings (one of them) do not fit");
        int count = PoolInt64s.Count + PoolStrings.Count, known = 0;
        for (int i = 0; i < NgramCounts.Count; i++)
        {
            long from = NgramCounts[i], to = i + 1 < NgramCounts.Count ? NgramCounts[i + 1] : count;
            if (from < 0 || to < from || to > count || (to - from) % (i + 1) != 0)
                throw context.Fault(FaultCodes.Attribute, $"ngram_counts {NgramCounts} do not cut a pool of {count} items into n-grams");
            known += (int)((to - from) / (i + 1));
        }
        if (known > NgramIndexes.Count)
            throw context.Fault(FaultCodes.Attribute, $"{known} n-grams have {NgramIndexes.Count} indexes");
        return [new TensorType(DType.Float32, x.Shape is null ? null : x.Shape.Rank == 1 ? [Size] : [x.Shape[0], Size])];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.InferDims(this);
        var x = context.Tensor(0);
        if (x.DType == DType.String == PoolStrings.IsEmpty)
            throw EvaluateContext.Fault(FaultCodes.OperandType, $"the pool holds items of another type than {x.Type}");
        var y = x.DType == DType.String ? Count(x, x.Strings.ToArray(), [.. PoolStrings]) : Count(x, x.ToLongs(), [.. PoolInt64s]);
        return [context.Floats(DType.Float32, dims, y)];
    }

    /// <summary>A look-up for each item and length.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(Math.Max(1, Math.Min(100, MaxGramLength - MinGramLength + 1)));

    private double[] Count<T>(Tensor x, T[] items, T[] pool) where T : notnull
    {
        int rows = x.Rank == 1 ? 1 : (int)x.Dims[0], length = rows == 0 ? 0 : items.Length / rows, id = 0;
        var y = new double[rows * Size];
        for (int n = 1; n <= NgramCounts.Count; n++)
        {
            long from = NgramCounts[n - 1], to = n < NgramCounts.Count ? NgramCounts[n] : pool.Length;
            // Gaps make no difference for single items.
            long skips = n == 1 ? 0 : Math.Min(MaxSkipCount, length);
            for (long at = from; at < to; at += n, id++)
            {
                if (n < MinGramLength || n > MaxGramLength) continue;
                var gram = pool.AsSpan((int)at, n);
                for (int row = 0; row < rows; row++)
                    for (int step = 1; step <= skips + 1; step++)
                        for (int start = 0; start + (long)step * (n - 1) < length; start++)
                            if (IsAt(items, row * length + start, step, gram)) Found(ref y[row * Size + NgramIndexes[id]], id);
            }
        }
        return y;
    }

    private void Found(ref double entry, int id)
    {
        double weight = Weights.IsEmpty || Mode == TfIdfMode.TermFrequency ? 1 : Weights[id];
        entry = Mode == TfIdfMode.Inverse ? weight : entry + weight;
    }

    private static bool IsAt<T>(T[] items, int start, int step, ReadOnlySpan<T> gram) where T : notnull
    {
        for (int i = 0; i < gram.Length; i++)
            if (!items[start + i * step].Equals(gram[i])) return false;
        return true;
    }
}

/// <summary>What <see cref="TfIdfVectorizer"/> gives.</summary>
public enum TfIdfMode
{
    /// <summary>The count of each n-gram.</summary>
    [OnnxName("TF")]
    TermFrequency,
    /// <summary>The weight of each n-gram that is there.</summary>
    [OnnxName("IDF")]
    Inverse,
    /// <summary>The count times the weight.</summary>
    [OnnxName("TFIDF")]
    Both,
}
