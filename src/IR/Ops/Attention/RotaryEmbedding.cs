using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// Turns pairs of elements of each head by angles that depend on the place in the sequence: (a, b) becomes (a cos - b sin, a sin + b cos).
/// X is [batch, heads, length, size], or [batch, length, heads · size] where the number of heads is given. With <c>position_ids</c> the
/// tables are [places, pairs], without [batch, length, pairs]. Source: ai.onnx RotaryEmbedding.
/// </summary>
/// <param name="Interleaved">Whether pairs are neighbours instead of halves.</param>
/// <param name="NumHeads">Number of heads; 0 where X has an axis for them.</param>
/// <param name="RotaryEmbeddingDim">How many elements of a head are turned; 0 for all.</param>
public sealed record RotaryEmbedding(bool Interleaved = false, long NumHeads = 0, long RotaryEmbeddingDim = 0) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<RotaryEmbedding>("X cos_cache sin_cache position_ids?", "Y", [23]);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(4);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.ArithmeticFloats(0);
        for (int i = 1; i < 3; i++)
        {
            context.ArithmeticFloats(i);
            context.SameDType(0, i);
            if (context.Has(3)) context.Ranked(i, 2, "places,pairs");
            else context.Ranked(i, 3, "batch,length,pairs");
        }
        if (context.Has(3)) context.Integers(3);
        if (HeadShapes.Of(context, 0, NumHeads, "num_heads") is not { } heads) return [x];
        if (context.Has(3) && context.Ranked(3, 2, "batch,length") is { } ids)
        {
            context.Same(ids[0], heads.Batch, "batches of X and position_ids");
            context.Same(ids[1], heads.Length, "lengths of X and position_ids");
        }
        var turned = RotaryEmbeddingDim == 0 ? heads.Size : RotaryEmbeddingDim;
        context.Multiple(turned, 2, "the number of turned elements");
        if (RotaryEmbeddingDim < 0 || Dim.IsAtMost(turned, heads.Size) == Answer.No)
            throw context.Fault(FaultCodes.Attribute,
                $"rotary_embedding_dim is {RotaryEmbeddingDim}, and a head has {heads.Size} elements");
        for (int i = 1; i < 3; i++)
            if (context.Tensor(i).Shape is { } cache)
            {
                context.Same(cache[^1], Dim.FloorDiv(turned, 2), "pairs of a head and of the tables");
                if (context.Has(3)) continue;
                context.Same(cache[0], heads.Batch, "batches of X and of the tables");
                context.Same(cache[1], heads.Length, "lengths of X and of the tables");
            }
        return [x];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        _ = context.Infer(this);
        var heads = Heads.Of(x, NumHeads);
        int turned = RotaryEmbeddingDim == 0 ? heads.Size : (int)RotaryEmbeddingDim, pairs = turned / 2;
        double[] cos = context.Tensor(1).ToDoubles(), sin = context.Tensor(2).ToDoubles();
        long rows = context.Tensor(1).Dims[0];
        long[]? ids = context.Optional(3)?.ToLongs();
        if (ids is not null && context.Tensor(2).Dims[0] != rows)
            throw EvaluateContext.Fault(FaultCodes.OperandShape, "the tables of cosines and sines have one number of places");
        Rotate(heads, Interleaved, pairs, (batch, place) =>
        {
            long row = ids is null ? batch * heads.Length + place : Places.Resolve(ids[batch * heads.Length + place], rows);
            return (cos.AsMemory((int)row * pairs, pairs), sin.AsMemory((int)row * pairs, pairs));
        });
        return [x.Rank == 4 ? heads.ToTensor(context, x.DType) : context.Floats(x.DType, x.Dims.AsSpan(), heads.Joined())];
    }

    /// <summary>Two products and a sum for each element.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(3);

    /// <summary>Turns the first pairs of each head, in place.</summary>
    internal static void Rotate(Heads heads, bool isInterleaved, int pairs,
        Func<int, int, (ReadOnlyMemory<double> Cos, ReadOnlyMemory<double> Sin)> tables)
    {
        for (int b = 0; b < heads.Batch; b++)
            for (int s = 0; s < heads.Length; s++)
            {
                var (cos, sin) = tables(b, s);
                for (int h = 0; h < heads.Count; h++)
                {
                    var row = heads[b, h, s];
                    for (int i = 0; i < pairs; i++)
                    {
                        int first = isInterleaved ? 2 * i : i, second = isInterleaved ? 2 * i + 1 : i + pairs;
                        double a = row[first], z = row[second], c = cos.Span[i], d = sin.Span[i];
                        (row[first], row[second]) = (c * a - d * z, d * a + c * z);
                    }
                }
            }
    }
}
