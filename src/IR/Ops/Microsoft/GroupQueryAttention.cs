using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// Causal attention whose heads of queries share heads of keys and values in groups, with a cache and rotation by place. seqlens_k holds
/// the number of keys of each batch, less one; new keys stand behind the past ones. Source: com.microsoft GroupQueryAttention.
/// </summary>
/// <param name="KvNumHeads">Heads of keys and values.</param>
/// <param name="NumHeads">Heads of queries.</param>
/// <param name="DoRotary">Whether queries and keys are turned by their places.</param>
/// <param name="LocalWindowSize">How many keys up to its own a query sees; -1 for all.</param>
/// <param name="QkOutput">Which scores are a fourth result; not supported but 0.</param>
/// <param name="RotaryInterleaved">Whether turned pairs are neighbours instead of halves.</param>
/// <param name="Scale">Factor of the products; 0 for 1/√size.</param>
/// <param name="SmoothSoftmax">Whether the softmax has one entry of 0 more.</param>
/// <param name="Softcap">Where positive, products p become softcap · tanh(p / softcap).</param>
public sealed record GroupQueryAttention(long KvNumHeads, long NumHeads, bool DoRotary = false, long LocalWindowSize = -1,
    long QkOutput = 0, bool RotaryInterleaved = false, float Scale = 0, long SmoothSoftmax = -1, float Softcap = 0)
    : MicrosoftOp, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<GroupQueryAttention>(
        "query key? value? past_key? past_value? seqlens_k total_sequence_length cos_cache? sin_cache? position_ids? attention_bias? "
        + "head_sink?", "output present_key? present_value?", [1], MicrosoftDomain)
        .Limited("no quantized cache, no result of scores");

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = Floats(context, 0, 1, 2, 3, 4, 7, 8, 10, 11);
        context.Integers(5);
        context.Integers(6);
        if (context.Has(9)) context.Integers(9);
        if (QkOutput != 0 || context.Has(1) != context.Has(2) || context.Has(3) != context.Has(4) || (DoRotary && !(context.Has(7)
            && context.Has(8))))
            throw context.Fault(FaultCodes.NotSupported,
                "GroupQueryAttention takes key and value together, past_key and past_value together, "
                + "the tables where it turns, and gives no scores");
        if (NumHeads < 1 || KvNumHeads < 1 || NumHeads % KvNumHeads != 0)
            throw context.Fault(FaultCodes.Attribute, $"{NumHeads} heads of queries do not share {KvNumHeads} of keys");
        var open = x with { Shape = null };
        if (context.Ranked(0, 3, "batch,length,heads·size") is not { } q) return [open, open, open];
        long parts = context.Has(1) ? NumHeads : NumHeads + 2 * KvNumHeads;
        context.Multiple(q[2], parts, "the size of the query");
        var size = Dim.FloorDiv(q[2], parts);
        for (int i = 1; i < 3; i++)
            if (context.Has(i) && context.Ranked(i, 3, "batch,length,heads·size") is { } other)
            {
                context.Same(other[0], q[0], "batches of query, key and value");
                context.Same(other[1], q[1], "lengths of query, key and value");
                context.Same(other[2], size * KvNumHeads, "sizes of key and value");
            }
        if (context.Tensor(5).Shape is { } lengths) context.Same(lengths.Count, q[0], "batches and entries of seqlens_k");
        Dim present = context.Fresh();
        for (int i = 3; i < 5; i++)
            if (context.Has(i) && context.Ranked(i, 4, "batch,heads,past,size") is { } past)
            {
                context.Same(past[0], q[0], "batches of query and past");
                context.Same(past[1], KvNumHeads, "heads of keys and past");
                context.Same(past[3], size, "sizes of a head");
            }
        for (int i = 7; i < 9; i++)
            if (context.Has(i)) context.Ranked(i, 2, "places,pairs");
        context.Vector(11, "head_sink", NumHeads, "one for each head");
        var cache = x with { Shape = [q[0], KvNumHeads, present, size] };
        return [x with { Shape = [q[0], q[1], size * NumHeads] }, cache, cache];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        var x = context.Tensor(0);
        var (q, k, v) = Split(context);
        long[] ends = [.. context.Tensor(5).ToLongs().Select(n => n + 1)];
        int past = context.Has(3) ? (int)context.Tensor(3).Dims[2] : 0;
        long total = context.Single(6).ToLong();
        foreach (long end in ends)
            if (end < 1 || end > Math.Max(total, past) || total > int.MaxValue || (past > 0 && end < q.Length))
                throw EvaluateContext.Fault(FaultCodes.Data, $"{end} keys of {total} with {q.Length} new ones and a past of {past}");
        // What stands before the new keys of each batch; a first prompt has none, and may be padded at its end.
        int Before(int batch) => past == 0 ? 0 : (int)ends[batch] - q.Length;
        if (DoRotary)
        {
            Turn(context, q, Before);
            Turn(context, k, Before);
        }
        int length = (int)Math.Max(total, past);
        if (past == 0 && length < k.Length) throw EvaluateContext.Fault(FaultCodes.Data, $"{k.Length} keys are more than {length}");
        Heads keys = Cache(context, 3, k, length, Before), values = Cache(context, 4, v, length, Before);
        var added = context.Optional(10) is { } given ? new AttentionMask(given, q.Batch, q.Count, q.Length, (int)total) : null;
        double[] sinks = context.Optional(11)?.ToDoubles() ?? (SmoothSoftmax == 1 ? new double[NumHeads] : []);
        var y = new DotProductAttention(Scale == 0 ? 1 / Math.Sqrt(q.Size) : Scale, Softcap) { Sinks = sinks }.Run(q, keys, values,
            (batch, head, query, key) =>
            {
                int place = Before(batch) + query;
                if (key > place || (LocalWindowSize > 0 && key <= place - LocalWindowSize)) return double.NegativeInfinity;
                return added?[batch, head, query, key] ?? 0;
            }, null, context.Cancellation);
        return [context.Floats(x.DType, [q.Batch, q.Length, q.Count * q.Size], y.Joined()), keys.ToTensor(context, x.DType),
            values.ToTensor(context, x.DType)];
    }

    /// <summary>For each query and new key an element of key and of value each.</summary>
    public override Work Measure(MeasureContext context) =>
        context.Products(context.Output(0).Count * 2 * (context.Input(0).Rank == 3 ? context.Input(0)[1] : 1));

    private (Heads Q, Heads K, Heads V) Split(EvaluateContext context)
    {
        if (context.Has(1))
            return (Heads.Of(context.Tensor(0), NumHeads), Heads.Of(context.Tensor(1), KvNumHeads), Heads.Of(context.Tensor(2),
                KvNumHeads));
        var all = Heads.Of(context.Tensor(0), NumHeads + 2 * KvNumHeads);
        Heads Part(int first, int count)
        {
            var part = Heads.Zeros(all.Batch, count, all.Length, all.Size);
            for (int b = 0; b < all.Batch; b++)
                for (int h = 0; h < count; h++)
                    for (int s = 0; s < all.Length; s++) all[b, first + h, s].CopyTo(part[b, h, s]);
            return part;
        }
        int queries = (int)NumHeads, shared = (int)KvNumHeads;
        return (Part(0, queries), Part(queries, shared), Part(queries + shared, shared));
    }

    private void Turn(EvaluateContext context, Heads heads, Func<int, int> before)
    {
        Tensor cosines = context.Tensor(7), sines = context.Tensor(8);
        double[] cos = cosines.ToDoubles(), sin = sines.ToDoubles();
        long[]? ids = context.Optional(9)?.ToLongs();
        int pairs = (int)cosines.Dims[1];
        if (2 * pairs > heads.Size || sin.Length != cos.Length || (ids is not null && ids.Length != heads.Batch * heads.Length))
            throw EvaluateContext.Fault(FaultCodes.OperandShape,
                $"tables {cosines.Type} and {sines.Type} do not turn heads of {heads.Size}");
        RotaryEmbedding.Rotate(heads, RotaryInterleaved, pairs, (batch, place) =>
        {
            long row = ids?[batch * heads.Length + place] ?? before(batch) + place;
            if (row < 0 || row >= cosines.Dims[0])
                throw EvaluateContext.Fault(FaultCodes.Data, $"place {row} is not in tables of {cosines.Dims[0]}");
            return (cos.AsMemory((int)row * pairs, pairs), sin.AsMemory((int)row * pairs, pairs));
        });
    }

    private static Heads Cache(EvaluateContext context, int index, Heads added, int length, Func<int, int> before)
    {
        var result = Heads.Zeros(added.Batch, added.Count, length, added.Size);
        var past = context.Has(index) ? Heads.Of(context.Tensor(index), 0) : null;
        for (int b = 0; b < added.Batch; b++)
            for (int h = 0; h < added.Count; h++)
            {
                for (int s = 0; s < Math.Min(before(b), past?.Length ?? 0); s++) past![b, h, s].CopyTo(result[b, h, s]);
                for (int s = 0; s < added.Length && before(b) + s < length; s++) added[b, h, s].CopyTo(result[b, h, before(b) + s]);
            }
        return result;
    }
}
