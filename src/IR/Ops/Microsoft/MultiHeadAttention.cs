using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// Attention of query, key and value [batch, length, heads · size], which are projected already; keys and values may have an axis for
/// heads. Keys and values may be packed as [batch, length, heads, 2, size], all three as [batch, length, heads, 3, size]. With
/// past_sequence_length the caches are buffers with room for more. Source: com.microsoft MultiHeadAttention.
/// </summary>
/// <param name="NumHeads">Number of heads.</param>
/// <param name="MaskFilterValue">What is added where a mask forbids.</param>
/// <param name="Scale">Factor of the products; 0 for 1/√size.</param>
/// <param name="Unidirectional">Whether a query meets only the keys up to its own place.</param>
public sealed record MultiHeadAttention(long NumHeads, float MaskFilterValue = -10000, float Scale = 0, bool Unidirectional = false)
    : MicrosoftOp, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<MultiHeadAttention>(
        "query key? value? bias? key_padding_mask? attention_bias? past_key? past_value? past_sequence_length? cache_indirection?",
        "output present_key? present_value? qk?", [1], MicrosoftDomain)
        .Limited("no beams");

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = Floats(context, 0, 1, 2, 3, 5, 6, 7);
        if (context.Has(4)) context.Tensor(4, t => t == DType.Int32, "i32");
        if (context.Has(9))
            throw context.Fault(FaultCodes.NotSupported, "MultiHeadAttention with beams is not supported", Definition.Limits[0]);
        if (context.Has(6) != context.Has(7)) throw context.Fault(FaultCodes.OperandCount, "past_key and past_value come together");
        if (context.Has(8))
        {
            context.Tensor(8, t => t == DType.Int32, "i32");
            if (!context.Has(6)) throw context.Fault(FaultCodes.OperandCount, "past_sequence_length is of a past, and there is none");
        }
        var open = x with { Shape = null };
        if (Shapes(context) is not var (q, k, v)) return [open, open, open, open];
        k.CheckAgainst(context, q, v);
        context.Vector(3, "bias", NumHeads * (q.Size + k.Size + v.Size), "one for each of q, k and v");
        if (context.Has(6)) context.Ranked(7, 4, "batch,heads,past,size");
        var past = context.Has(6) ? context.Ranked(6, 4, "batch,heads,past,size") : null;
        Dim total = !context.Has(6) ? k.Length : !context.Has(8) ? past is null ? context.Fresh() : past[2] + k.Length
            : context.Known(8) is [var used] ? used + k.Length : context.Fresh();
        Dim present = context.Has(8) && past is not null ? past[2] : total;
        return [x with { Shape = [q.Batch, q.Length, NumHeads * v.Size] }, x with { Shape = [q.Batch, NumHeads, present, k.Size] },
            x with { Shape = [q.Batch, NumHeads, present, v.Size] }, x with { Shape = [q.Batch, NumHeads, q.Length, total] }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.InferDims(this);
        var dtype = context.Tensor(0).DType;
        var (q, k, v) = Operands(context);
        if (context.Optional(3)?.ToDoubles() is { } bias)
        {
            int first = q.Count * q.Size;
            Shift(q, bias.AsSpan(0, first));
            Shift(k, bias.AsSpan(first, first));
            Shift(v, bias.AsSpan(2 * first));
        }
        var cache = KeyCache.Of(k, v, context.Has(6) ? Heads.Of(context.Tensor(6), 0) : null,
            context.Has(7) ? Heads.Of(context.Tensor(7), 0) : null, context.OptionalSingle(8)?.ToLong());
        (k, v) = (cache.Keys, cache.Values);
        var mask = KeyMask.Of(context.Optional(4), q.Batch, q.Length, k.Length, MaskFilterValue);
        var added = context.Optional(5) is { } given ? new AttentionMask(given, q.Batch, q.Count, q.Length, k.Length) : null;
        var scores = new double[context.ResultCount > 3 ? checked((long)q.Batch * q.Count * q.Length * k.Length) : 0];
        var y = new DotProductAttention(Scale == 0 ? 1 / Math.Sqrt(q.Size) : Scale).Run(q, k, v, (batch, head, query, key) =>
            Unidirectional && key > query + cache.Before ? double.NegativeInfinity
                : mask(batch, query, key) + (added?[batch, head, query, key] ?? 0),
            scores.Length == 0 ? null : (stage, batch, head, place, row) =>
            {
                if (stage == DotProductAttention.Stage.Products)
                    row.CopyTo(scores.AsSpan(((batch * q.Count + head) * q.Length + place) * k.Length));
            }, context.Cancellation);
        return [context.Floats(dtype, dims, y.Joined()), cache.PresentKeys.ToTensor(context, dtype),
            cache.PresentValues.ToTensor(context, dtype),
            .. context.ResultCount > 3 ? new[] { context.Floats(dtype, [q.Batch, q.Count, q.Length, k.Length], scores) } : []];
    }

    /// <summary>For each query and key an element of key and of value each.</summary>
    public override Work Measure(MeasureContext context) =>
        context.Products((context.Input(0).Count + context.Output(0).Count) * (context.Input(0).Rank == 3 ? context.Input(0)[1] : 1));

    // Null where a rank is not known.
    private (HeadShapes Q, HeadShapes K, HeadShapes V)? Shapes(InferContext context)
    {
        if (!context.Has(2))
        {
            bool isAll = !context.Has(1);
            int from = isAll ? 0 : 1, packed = isAll ? 3 : 2;
            if (context.Ranked(from, 5, $"batch,length,heads,{packed},size") is not { } all) return null;
            context.Same(all[2], NumHeads, $"num_heads and the heads of operand {from}");
            context.Same(all[3], packed, "the number of packed operands");
            var part = new HeadShapes(all[0], all[2], all[1], all[4]);
            if (isAll) return (part, part, part);
            context.Ranked(0, 3, "batch,length,heads·size");
            return HeadShapes.Of(context, 0, NumHeads, "num_heads") is { } query ? (query, part, part) : null;
        }
        if (!context.Has(1)) throw context.Fault(FaultCodes.OperandCount, "a value is given, and no key");
        context.Ranked(0, 3, "batch,length,heads·size");
        bool isSplit = context.Tensor(1).Shape is { Rank: 4 };
        if (HeadShapes.Of(context, 0, NumHeads, "num_heads") is not { } q || HeadShapes.Of(context, 1, NumHeads, "num_heads") is not { } k
            || HeadShapes.Of(context, 2, NumHeads, "num_heads") is not { } v) return null;
        return isSplit == (context.Tensor(2).Shape is { Rank: 4 }) ? (q, k, v)
            : throw context.Fault(FaultCodes.OperandShape, $"key and value have one rank, got {context.Tensor(1)} and {context.Tensor(2)}");
    }

    private (Heads Q, Heads K, Heads V) Operands(EvaluateContext context)
    {
        var first = context.Tensor(0);
        if (context.Has(2))
            return (Heads.Of(first, NumHeads), Heads.Of(context.Tensor(1), NumHeads), Heads.Of(context.Tensor(2), NumHeads));
        return context.Has(1)
            ? (Heads.Of(first, NumHeads), Heads.Packed(context.Tensor(1), 0), Heads.Packed(context.Tensor(1), 1))
            : (Heads.Packed(first, 0), Heads.Packed(first, 1), Heads.Packed(first, 2));
    }

    private static void Shift(Heads heads, ReadOnlySpan<double> bias)
    {
        for (int b = 0; b < heads.Batch; b++)
            for (int h = 0; h < heads.Count; h++)
                for (int s = 0; s < heads.Length; s++)
                    for (int i = 0; i < heads.Size; i++) heads[b, h, s][i] += bias[h * heads.Size + i];
    }
}
