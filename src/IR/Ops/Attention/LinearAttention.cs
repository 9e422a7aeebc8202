using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// Attention by a state [size of k, size of v] for each head: at each place the state decays by exp(decay), then takes up the outer product
/// of key and value (under a delta rule of beta · (value - what the state gives for the key)), and the result is scale · query · state.
/// Source: ai.onnx LinearAttention-27.
/// </summary>
/// <param name="KvNumHeads">Heads of key and value.</param>
/// <param name="QNumHeads">Heads of query, a multiple of those of key and value.</param>
/// <param name="ChunkSize">A hint for implementations that take several places at a time.</param>
/// <param name="Scale">Factor of the results; 0 for 1/√size.</param>
/// <param name="UpdateRule">How the state changes.</param>
public sealed record LinearAttention(long KvNumHeads, long QNumHeads, long ChunkSize = 64, float Scale = 0,
    LinearAttentionRule UpdateRule = LinearAttentionRule.GatedDelta) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<LinearAttention>("query key value past_state? decay? beta?", "output present_state", [27]);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(64);

    private bool IsGated => UpdateRule is LinearAttentionRule.Gated or LinearAttentionRule.GatedDelta;

    private bool IsDelta => UpdateRule is LinearAttentionRule.Delta or LinearAttentionRule.GatedDelta;

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var query = context.ArithmeticFloats(0);
        var state = query.DType;
        for (int i = 1; i < 6; i++)
            if (i < 3 || context.Has(i))
            {
                var type = context.ArithmeticFloats(i);
                if (i == 3) state = type.DType;
                else context.SameDType(0, i);
            }
        if (IsGated != context.Has(4) || IsDelta != context.Has(5))
            throw context.Fault(FaultCodes.OperandCount, "decay is given for the gated rules alone and beta for the delta rules alone");
        for (int i = 0; i < 3; i++) context.Ranked(i, 3, "batch,length,heads·size");
        if (HeadShapes.Of(context, 0, QNumHeads, "q_num_heads") is not { } q
            || HeadShapes.Of(context, 1, KvNumHeads, "kv_num_heads") is not { } k
            || HeadShapes.Of(context, 2, KvNumHeads, "kv_num_heads") is not { } v)
            return [query with { Shape = null }, new TensorType(state, null)];
        k.CheckAgainst(context, q, v);
        context.Same(q.Length, k.Length, "lengths of query and key");
        Shape present = [q.Batch, KvNumHeads, q.Size, v.Size];
        if (context.Has(3) && context.Ranked(3, 4, "batch,heads,size,size") is { } past)
            for (int i = 0; i < 4; i++) context.Same(past[i], present[i], "sizes of past and present state");
        for (int i = 4; i < 6; i++)
            if (context.Has(i) && context.Ranked(i, 3, "batch,length,n") is { } shape)
            {
                context.Same(shape[0], q.Batch, "batches");
                context.Same(shape[1], q.Length, "lengths");
                Dim other = i == 4 ? KvNumHeads * q.Size : 1;
                if (Dim.AreEqual(shape[2], KvNumHeads) == Answer.No && Dim.AreEqual(shape[2], other) == Answer.No)
                    throw context.Fault(FaultCodes.OperandShape,
                        $"operand {i} has one entry for each of {KvNumHeads} heads or {other}, got {context.Tensor(i)}");
            }
        return [query with { Shape = [q.Batch, q.Length, QNumHeads * v.Size] }, new TensorType(state, present)];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        Heads q = Heads.Of(context.Tensor(0), QNumHeads), k = Heads.Of(context.Tensor(1), KvNumHeads),
            v = Heads.Of(context.Tensor(2), KvNumHeads);
        var y = Heads.Zeros(q.Batch, q.Count, q.Length, v.Size);
        var states = context.Has(3) ? Heads.Of(context.Tensor(3), 0) : Heads.Zeros(q.Batch, k.Count, k.Size, v.Size);
        var decay = context.Has(4) ? Heads.Of(context.Tensor(4), KvNumHeads) : null;
        var beta = context.Optional(5) is { } given ? Heads.Of(given, Math.Min(KvNumHeads, given.Dims[2])) : null;
        int group = q.Count / k.Count;
        double scale = Scale == 0 ? 1 / Math.Sqrt(q.Size) : Scale;
        var value = new double[v.Size];
        for (int b = 0; b < q.Batch; b++)
            for (int h = 0; h < k.Count; h++)
                for (int t = 0; t < q.Length; t++)
                {
                    Update(states, decay is null ? [] : decay[b, h, t], k[b, h, t], v[b, h, t],
                        beta is null ? null : beta[b, beta.Count == 1 ? 0 : h, t][0], b, h, value);
                    for (int g = h * group; g < (h + 1) * group; g++)
                    {
                        var result = y[b, g, t];
                        for (int i = 0; i < q.Size; i++)
                            for (int j = 0; j < v.Size; j++) result[j] += scale * q[b, g, t][i] * states[b, h, i][j];
                    }
                }
        return [context.Floats(context.Tensor(0).DType, [y.Batch, y.Length, y.Count * y.Size], y.Joined()),
            states.ToTensor(context, (context.Optional(3) ?? context.Tensor(0)).DType)];
    }

    /// <summary>For each place and head, the state's elements: one for the update and one for the result.</summary>
    public override Work Measure(MeasureContext context) =>
        context.Products(context.Output(0).Count * 2 * (context.Input(0).Rank == 3 ? Dim.FloorDiv(context.Input(0)[2], QNumHeads) : 1));

    private static void Update(Heads states, ReadOnlySpan<double> decay, ReadOnlySpan<double> key, ReadOnlySpan<double> given, double? beta,
        int batch, int head, Span<double> value)
    {
        given.CopyTo(value);
        for (int i = 0; i < key.Length; i++)
            if (decay.Length > 0)
                foreach (ref double item in states[batch, head, i]) item *= Elementary.Exp(decay[decay.Length == 1 ? 0 : i]);
        if (beta is { } rate)
        {
            for (int i = 0; i < key.Length; i++)
                for (int j = 0; j < value.Length; j++) value[j] -= states[batch, head, i][j] * key[i];
            foreach (ref double item in value) item *= rate;
        }
        for (int i = 0; i < key.Length; i++)
            for (int j = 0; j < value.Length; j++) states[batch, head, i][j] += key[i] * value[j];
    }
}

/// <summary>How the state of <see cref="LinearAttention"/> changes.</summary>
public enum LinearAttentionRule
{
    /// <summary>It takes up key · value.</summary>
    Linear,
    /// <summary>It decays first.</summary>
    Gated,
    /// <summary>It takes up what it does not give yet.</summary>
    Delta,
    /// <summary>Both.</summary>
    GatedDelta,
}
