using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// Self attention with the projection of queries, keys and values in it: input [batch, length, size] times weights [size, q + k + v] plus
/// bias, heads, softmax(scale · Q · Kᵀ + mask) · V, with a cache [2, batch, heads, past, size]. Source: com.microsoft Attention.
/// </summary>
/// <param name="NumHeads">Number of heads.</param>
/// <param name="DoRotary">Whether queries and keys are turned by their places; not supported.</param>
/// <param name="MaskFilterValue">What is added where a mask forbids.</param>
/// <param name="PastPresentShareBuffer">Whether the cache is a buffer with room for more, of which past_sequence_length are used.</param>
/// <param name="QkvHiddenSizes">Sizes of q, k and v; empty for a third each.</param>
/// <param name="RotaryEmbeddingDim">Elements that are turned.</param>
/// <param name="Scale">Factor of the products; 0 for 1/√size.</param>
/// <param name="Unidirectional">Whether a query meets only the keys up to its own place.</param>
public sealed record MicrosoftAttention(long NumHeads, bool DoRotary = false, float MaskFilterValue = -10000,
    bool PastPresentShareBuffer = false,
    EquatableArray<long> QkvHiddenSizes = default, long RotaryEmbeddingDim = 0, float Scale = 0, bool Unidirectional = false)
    : MicrosoftOp, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<MicrosoftAttention>(
        "input weights bias? mask_index? past? attention_bias? past_sequence_length?", "output present?", [1], MicrosoftDomain,
            "Attention").Limited("no rotation");

    /// <inheritdoc/>
    public override string Name => "Attention";

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = Floats(context, 0, 1, 2, 4, 5);
        if (context.Has(3)) context.Tensor(3, t => t == DType.Int32, "i32");
        if (DoRotary)
            throw context.Fault(FaultCodes.NotSupported, "com.microsoft.Attention with rotation is not supported", Definition.Limits[0]);
        if (context.Has(6)) context.Tensor(6, t => t == DType.Int32, "i32");
        if (PastPresentShareBuffer && (!context.Has(4) || !context.Has(6)))
            throw context.Fault(FaultCodes.OperandCount, "a shared buffer is given as past, with past_sequence_length");
        Shape? input = context.Ranked(0, 3, "batch,length,size"), weights = context.Ranked(1, 2, "size,q+k+v");
        if (input is null || weights is null) return [x with { Shape = null }, x with { Shape = null }];
        context.Same(input[2], weights[0], "sizes of input and rows of weights");
        context.Vector(2, "bias", weights[1], "one for each column");
        if (!QkvHiddenSizes.IsEmpty && (QkvHiddenSizes.Count != 3 || QkvHiddenSizes.Any(s => s < 1)
            || QkvHiddenSizes[0] != QkvHiddenSizes[1]))
            throw context.Fault(FaultCodes.Attribute, $"qkv_hidden_sizes {QkvHiddenSizes} are no sizes of q, k and v");
        context.Multiple(weights[1], QkvHiddenSizes.IsEmpty ? 3 : 1, "the number of columns");
        Dim keys = QkvHiddenSizes.IsEmpty ? Dim.FloorDiv(weights[1], 3) : QkvHiddenSizes[0];
        Dim values = QkvHiddenSizes.IsEmpty ? keys : QkvHiddenSizes[2];
        if (!QkvHiddenSizes.IsEmpty) context.Same(weights[1], QkvHiddenSizes.Sum(), "columns of weights and sizes of q, k and v");
        context.Multiple(keys, NumHeads, "the size of keys");
        context.Multiple(values, NumHeads, "the size of values");
        Dim total = context.Has(4) && context.Ranked(4, 5, "2,batch,heads,past,size") is { } past
            ? (PastPresentShareBuffer ? past[3] : past[3] + input[1]) : context.Has(4) ? context.Fresh() : input[1];
        return [x with { Shape = [input[0], input[1], values] },
            x with { Shape = [2, input[0], NumHeads, total, Dim.FloorDiv(keys, NumHeads)] }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.InferDims(this);
        Tensor x = context.Tensor(0), w = context.Tensor(1);
        int columns = (int)w.Dims[1], values = (int)dims[2], keys = (columns - values) / 2, rows = (int)(dims[0] * dims[1]);
        double[] projected = MatrixProduct.Multiply<double>(x.ToDoubles(), w.ToDoubles(), rows, (int)x.Dims[2], columns);
        double[] bias = context.Optional(2)?.ToDoubles() ?? new double[columns];
        for (int i = 0; i < projected.Length; i++) projected[i] += bias[i % columns];
        Heads Part(int first, int size)
        {
            var part = new double[rows * size];
            for (int row = 0; row < rows; row++) projected.AsSpan(row * columns + first, size).CopyTo(part.AsSpan(row * size));
            return Heads.Swap(part, (int)dims[0], (int)dims[1], (int)NumHeads, size / (int)NumHeads);
        }
        Heads q = Part(0, keys), k = Part(keys, keys), v = Part(2 * keys, values);
        Heads? Cached(int half) => context.Optional(4) is not { } past ? null
            : new(past.ToDoubles()[(int)(half * past.Count / 2)..(int)((half + 1) * past.Count / 2)], (int)past.Dims[1], (int)past.Dims[2],
                (int)past.Dims[3], (int)past.Dims[4]);
        var cache = KeyCache.Of(k, v, Cached(0), Cached(1), PastPresentShareBuffer ? context.Single(6).ToLong() : null);
        (k, v) = (cache.Keys, cache.Values);
        var mask = KeyMask.Of(context.Optional(3), q.Batch, q.Length, k.Length, MaskFilterValue);
        var added = context.Optional(5) is { } given ? new AttentionMask(given, q.Batch, q.Count, q.Length, k.Length) : null;
        var y = new DotProductAttention(Scale == 0 ? 1 / Math.Sqrt(q.Size) : Scale).Run(q, k, v, (batch, head, query, key) =>
            Unidirectional && key > query + cache.Before ? double.NegativeInfinity
                : mask(batch, query, key) + (added?[batch, head, query, key] ?? 0), null, context.Cancellation);
        return [context.Floats(x.DType, dims, y.Joined()),
            .. context.ResultCount > 1 ? new[] { Present(context, cache.PresentKeys, cache.PresentValues, x.DType) } : []];
    }

    /// <summary>The projection, and for each query and key an element of key and of value each.</summary>
    public override Work Measure(MeasureContext context) => context.Products(
        context.Input(0).Count * (context.Input(1).Rank == 2 ? context.Input(1)[1] : 1)
        + context.Output(0).Count * (context.Input(0).Rank == 3 ? context.Input(0)[1] : 1) * 2);

    private static Tensor Present(EvaluateContext context, Heads k, Heads v, DType dtype) => k.Size == v.Size
        ? context.Floats(dtype, [2, k.Batch, k.Count, k.Length, k.Size], [.. k.Items, .. v.Items])
        : throw EvaluateContext.Fault(FaultCodes.NotSupported, $"keys of size {k.Size} and values of size {v.Size} have no common cache");
}

/// <summary>The masks of com.microsoft: truth values, or where rows of padded sequences end (and begin).</summary>
internal static class KeyMask
{
    /// <summary>What is added for a batch, query and key.</summary>
    public static Func<int, int, int, double> Of(Tensor? mask, int batches, int queries, int keys, double forbidden)
    {
        if (mask is null) return (_, _, _) => 0;
        long[] items = mask.ToLongs(), dims = [.. mask.Dims];
        if (dims.SequenceEqual([(long)batches])) return (b, _, k) => k < items[b] ? 0 : forbidden;
        if (dims.SequenceEqual([2L * batches])) return (b, _, k) => k < items[b] && k >= items[b + batches] ? 0 : forbidden;
        if (dims.SequenceEqual([batches, (long)keys])) return (b, _, k) => items[b * keys + k] != 0 ? 0 : forbidden;
        if (dims.SequenceEqual([batches, queries, (long)keys]))
            return (b, q, k) => items[(b * queries + q) * keys + k] != 0 ? 0 : forbidden;
        throw EvaluateContext.Fault(FaultCodes.OperandShape,
            $"a mask {mask.Type} does not fit {batches} batches, {queries} queries and {keys} keys");
    }
}
