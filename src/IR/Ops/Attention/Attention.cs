using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// softmax(scale · Q · Kᵀ + mask) · V for each batch and head, with caches of keys and values. Operands are [batch, heads, length, size],
/// or [batch, length, heads · size] where the numbers of heads are given. A query at place i meets key j under <paramref name="IsCausal"/>
/// where j ≤ i + offset, offset being the length of the past, or what <c>nonpad_kv_seqlen</c> leaves before the queries.
/// Source: ai.onnx Attention-25.
/// </summary>
/// <param name="IsCausal">Whether a query meets only the keys up to its own place.</param>
/// <param name="KvNumHeads">Heads of K and V; 0 where operands have an axis for them.</param>
/// <param name="LeftWindowSize">How many places before its own a query sees; -1 for all.</param>
/// <param name="QNumHeads">Heads of Q; 0 where operands have an axis for them.</param>
/// <param name="QkMatmulOutputMode">What the fourth result is: products (0), capped (1), with the mask (2), probabilities (3).</param>
/// <param name="RightWindowSize">How many places behind its own a query sees; -1 for all.</param>
/// <param name="Scale">Factor of the products; 1/√size by default.</param>
/// <param name="Softcap">Where positive, products p become softcap · tanh(p / softcap).</param>
/// <param name="SoftmaxPrecision">The dtype in which an implementation should take the softmax.</param>
public sealed record Attention(bool IsCausal = false, long KvNumHeads = 0, long LeftWindowSize = -1, long QNumHeads = 0,
    long QkMatmulOutputMode = 0, long RightWindowSize = -1, float? Scale = null, float Softcap = 0,
    DType SoftmaxPrecision = DType.Unknown) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Attention>(
        "Q K V attn_mask? past_key? past_value? nonpad_kv_seqlen?", "Y present_key? present_value? qk_matmul_output?", [23, 24, 25])
        .WithBody(AttentionBody.Write, since: 23)
        .Change(24, down: form => form.Has(6) ? "nonpad_kv_seqlen exists from opset 24 on" : null)
        .NewAttributes(25, "left_window_size", "right_window_size");

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(64);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        TensorType q = context.ArithmeticFloats(0), k = context.ArithmeticFloats(1), v = context.ArithmeticFloats(2);
        if (context.Has(3)) context.Tensor(3, t => t.IsArithmeticFloat() || t.IsInteger() || t == DType.Bool, "numeric or bool");
        if (context.Has(4) != context.Has(5)) throw context.Fault(FaultCodes.OperandCount, "past_key and past_value come together");
        context.SameDType(0, 1);
        for (int i = 4; i < 6 && context.Has(4); i++)
        {
            context.ArithmeticFloats(i);
            context.SameDType(i - 3, i);
        }
        if (context.Has(6)) context.Integers(6);
        if (QkMatmulOutputMode is < 0 or > 3 || LeftWindowSize < -1 || RightWindowSize < -1 || Scale < 0)
            throw context.Fault(FaultCodes.Attribute,
                "qk_matmul_output_mode is 0 to 3, window sizes are -1 or more, scale is not negative; "
                + $"got {QkMatmulOutputMode}, {LeftWindowSize}, {RightWindowSize} and {Scale}");
        var unknown = new TensorType(q.DType, null);
        if (HeadShapes.Of(context, 0, QNumHeads, "q_num_heads") is not { } queries
            || HeadShapes.Of(context, 1, KvNumHeads, "kv_num_heads") is not { } keys
            || HeadShapes.Of(context, 2, KvNumHeads, "kv_num_heads") is not { } values)
            return [unknown, unknown, unknown with { DType = v.DType }, unknown];
        if (q.Shape!.Rank != k.Shape!.Rank || k.Shape.Rank != v.Shape!.Rank)
            throw context.Fault(FaultCodes.OperandShape, $"Q, K and V have one rank, got {q}, {k} and {v}");
        keys.CheckAgainst(context, queries, values);
        Dim total = context.Has(4) && context.Ranked(4, 4, "batch,heads,past,size") is { } past ? keys.Length + past[2]
            : context.Has(4) ? context.Fresh() : keys.Length;
        if (context.Has(4)) context.Ranked(5, 4, "batch,heads,past,size");
        if (context.Has(6)) context.Vector(6, "nonpad_kv_seqlen", queries.Batch, "one for each batch");
        if (context.Has(3) && context.Tensor(3).Shape is { Rank: < 1 or > 4 })
            throw context.Fault(FaultCodes.OperandShape, $"attn_mask broadcasts to [batch,heads,q,kv], got {context.Tensor(3)}");
        return
        [
            q with { Shape = q.Shape.Rank == 4 ? [queries.Batch, queries.Heads, queries.Length, values.Size]
                : [queries.Batch, queries.Length, queries.Heads * values.Size] },
            k with { Shape = [keys.Batch, keys.Heads, total, keys.Size] },
            v with { Shape = [keys.Batch, keys.Heads, total, values.Size] },
            q with { Shape = [queries.Batch, queries.Heads, queries.Length, total] },
        ];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var dtype = context.Tensor(0).DType;
        _ = context.InferDims(this);
        Heads q = Heads.Of(context.Tensor(0), QNumHeads), k = Heads.Of(context.Tensor(1), KvNumHeads),
            v = Heads.Of(context.Tensor(2), KvNumHeads);
        int past = 0;
        if (context.Has(4))
        {
            past = (int)context.Tensor(4).Dims[2];
            (k, v) = (k.After(Heads.Of(context.Tensor(4), 0)), v.After(Heads.Of(context.Tensor(5), 0)));
        }
        var scores = new double[context.ResultCount > 3 ? checked((long)q.Batch * q.Count * q.Length * k.Length) : 0];
        var core = new DotProductAttention(Scale ?? 1 / Math.Sqrt(q.Size), Softcap);
        var y = core.Run(q, k, v, Bias(context, q, k, past), scores.Length == 0 ? null : (stage, batch, head, place, row) =>
        {
            if ((int)stage == QkMatmulOutputMode) row.CopyTo(scores.AsSpan(((batch * q.Count + head) * q.Length + place) * k.Length));
        }, context.Cancellation);
        return
        [
            context.Tensor(0).Rank == 4 ? y.ToTensor(context, dtype)
                : context.Floats(dtype, [y.Batch, y.Length, y.Count * y.Size], y.Joined()),
            k.ToTensor(context, context.Tensor(1).DType), v.ToTensor(context, context.Tensor(2).DType),
            .. context.ResultCount > 3 ? new[] { context.Floats(dtype, [q.Batch, q.Count, q.Length, k.Length], scores) } : [],
        ];
    }

    /// <summary>For each query and key, a multiply-accumulate for each element of the key and one for each of the value.</summary>
    public override Work Measure(MeasureContext context)
    {
        Shape keys = context.Input(1);
        Dim length = keys.Rank switch { 4 => keys[2], 3 => keys[1], _ => 1 };
        if (context.Inputs.Length > 4 && context.Inputs[4] is not null && context.Input(4).Rank == 4) length += context.Input(4)[2];
        return context.Products((context.Input(0).Count + context.Output(0).Count) * length);
    }

    private DotProductAttention.Bias? Bias(EvaluateContext context, Heads q, Heads k, int past)
    {
        long[]? lengths = context.Optional(6)?.ToLongs();
        var mask = context.Optional(3) is { } given ? new AttentionMask(given, q.Batch, q.Count, q.Length, k.Length) : null;
        if (mask is null && lengths is null && !IsCausal && LeftWindowSize < 0 && RightWindowSize < 0) return null;
        return (batch, head, query, key) =>
        {
            long place = query + (lengths is null || context.Has(4) ? past : lengths[batch] - q.Length);
            bool isOpen = (!IsCausal || key <= place) && (LeftWindowSize < 0 || place - key <= LeftWindowSize)
                && (RightWindowSize < 0 || key - place <= RightWindowSize) && (lengths is null || key < lengths[batch]);
            return isOpen ? mask?[batch, head, query, key] ?? 0 : double.NegativeInfinity;
        };
    }
}
