using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// Turns pairs of elements of each head by angles that depend on the place: as ai.onnx RotaryEmbedding, with places that are given by one
/// offset or for each token. Source: com.microsoft RotaryEmbedding.
/// </summary>
/// <param name="Interleaved">Whether pairs are neighbours instead of halves.</param>
/// <param name="IsPackedBatching">Whether batches are packed without padding; not supported.</param>
/// <param name="NumHeads">Number of heads; 0 where the input has an axis for them, or a head is twice the width of the tables.</param>
/// <param name="RotaryEmbeddingDim">How many elements of a head are turned; 0 for all.</param>
/// <param name="Scale">A factor that implementations do not use.</param>
public sealed record MicrosoftRotaryEmbedding(bool Interleaved = false, bool IsPackedBatching = false, long NumHeads = 0,
    long RotaryEmbeddingDim = 0, float Scale = 1) : MicrosoftOp, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<MicrosoftRotaryEmbedding>(
        "input position_ids cos_cache sin_cache", "output", [1], MicrosoftDomain, "RotaryEmbedding")
        .Limited("no packed batches");

    /// <inheritdoc/>
    public override string Name => "RotaryEmbedding";

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = Floats(context, 0, 2, 3);
        context.Integers(1);
        if (IsPackedBatching) throw context.Fault(FaultCodes.NotSupported, "packed batches are not supported");
        Shape? cos = context.Ranked(2, 2, "places,pairs"), sin = context.Ranked(3, 2, "places,pairs");
        if (cos is not null && sin is not null)
            for (int i = 0; i < 2; i++) context.Same(cos[i], sin[i], "sizes of the tables");
        if (x.Shape is { Rank: not (3 or 4) })
            throw context.Fault(FaultCodes.OperandShape,
                $"the operand must be [batch,heads,length,size] or [batch,length,heads·size], got {x}");
        if (x.Shape is not { } shape || cos is null || (shape.Rank == 3 && Heads(cos, shape) is not > 0)) return [x];
        if (HeadShapes.Of(context, 0, shape.Rank == 4 ? 0 : Heads(cos, shape)!.Value, "num_heads") is not { } heads) return [x];
        var turned = RotaryEmbeddingDim == 0 ? heads.Size : RotaryEmbeddingDim;
        context.Multiple(turned, 2, "the number of turned elements");
        context.Same(cos[1], Dim.FloorDiv(turned, 2), "pairs of a head and of the tables");
        if (RotaryEmbeddingDim < 0 || Dim.IsAtMost(turned, heads.Size) == Answer.No)
            throw context.Fault(FaultCodes.Attribute,
                $"rotary_embedding_dim is {RotaryEmbeddingDim}, and a head has {heads.Size} elements");
        if (context.Tensor(1).Shape is { } ids && ids.Count.Value != 1)
        {
            context.Ranked(1, 2, "batch,length");
            context.Same(ids[0], heads.Batch, "batches of input and position_ids");
            context.Same(ids[1], heads.Length, "lengths of input and position_ids");
        }
        return [x];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        Tensor x = context.Tensor(0), cosines = context.Tensor(2);
        var heads = Ops.Heads.Of(x, x.Rank == 4 ? 0 : Heads(cosines.Type.Shape!, x.Type.Shape!) is > 0 and { } count ? count
            : throw EvaluateContext.Fault(FaultCodes.Attribute, $"num_heads is not given for {x.Type}"));
        int pairs = (int)cosines.Dims[1];
        double[] cos = cosines.ToDoubles(), sin = context.Tensor(3).ToDoubles();
        long[] ids = context.Tensor(1).ToLongs();
        RotaryEmbedding.Rotate(heads, Interleaved, pairs, (batch, place) =>
        {
            long row = ids.Length == 1 ? ids[0] + place : ids[batch * heads.Length + place];
            if (row < 0 || row >= cosines.Dims[0])
                throw EvaluateContext.Fault(FaultCodes.Data, $"place {row} is not in tables of {cosines.Dims[0]}");
            return (cos.AsMemory((int)row * pairs, pairs), sin.AsMemory((int)row * pairs, pairs));
        });
        return [x.Rank == 4 ? heads.ToTensor(context, x.DType) : context.Floats(x.DType, x.Dims.AsSpan(), heads.Joined())];
    }

    /// <summary>Two products and a sum for each element.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(3);

    private long? Heads(Shape cos, Shape x) => NumHeads > 0 ? NumHeads : RotaryEmbeddingDim > 0 ? null
        : cos[1].Value is > 0 and { } pairs && x[2].Value is { } size && size % (2 * pairs) == 0 ? size / (2 * pairs) : null;
}
