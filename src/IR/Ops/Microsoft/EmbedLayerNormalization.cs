using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// The sum of embeddings of words, positions and segments, layer normalized; in how many places of each row the mask is 1; and the sum.
/// Source:
/// com.microsoft EmbedLayerNormalization.
/// </summary>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="MaskIndexType">Whether the second result counts the mask (1 or 0, by whether a mask is given).</param>
public sealed record EmbedLayerNormalization(float Epsilon = 1e-12f, long MaskIndexType = 0) : MicrosoftOp, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<EmbedLayerNormalization>(
        "input_ids segment_ids? word_embedding position_embedding segment_embedding? gamma beta mask? position_ids?",
        "output mask_index? embedding_sum?", [1], MicrosoftDomain);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        foreach (int i in new[] { 0, 1, 7, 8 })
            if (context.Has(i)) context.Integers(i);
        var words = Floats(context, 2, 3, 4, 5, 6);
        if (context.Has(1) != context.Has(4))
            throw context.Fault(FaultCodes.OperandCount, "segment_ids and segment_embedding come together");
        Shape? ids = context.Ranked(0, 2, "batch,length"), table = context.Ranked(2, 2, "words,size");
        foreach (int i in new[] { 1, 7 })
            if (context.Has(i) && ids is not null && context.Ranked(i, 2, "batch,length") is { } same)
                for (int axis = 0; axis < 2; axis++) context.Same(same[axis], ids[axis], $"sizes of input_ids and operand {i}");
        if (context.Has(8) && ids is not null && context.Ranked(8, 2, "batch,length") is { } places)
        {
            context.Same(places[1], ids[1], "lengths of input_ids and position_ids");
            if (places[0].Value != 1) context.Same(places[0], ids[0], "batches of input_ids and position_ids");
        }
        foreach (int i in new[] { 3, 4 })
            if (context.Has(i) && table is not null && context.Ranked(i, 2, "places,size") is { } other)
                context.Same(other[1], table[1], "sizes of embeddings");
        if (table is not null)
            foreach (int i in new[] { 5, 6 }) context.Vector(i, "gamma and beta", table[1], "one for each of the last axis");
        var result = words with { Shape = ids is null || table is null ? null : [ids[0], ids[1], table[1]] };
        return [result, new TensorType(DType.Int32, ids is null ? null : [ids[0]]), result];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        Tensor ids = context.Tensor(0), words = context.Tensor(2), places = context.Tensor(3);
        long[] numbers = ids.ToLongs(), positions = context.Optional(8)?.ToLongs() ?? [];
        long[]? segments = context.Optional(1)?.ToLongs(), mask = context.Optional(7)?.ToLongs();
        int length = (int)ids.Dims[1], size = (int)words.Dims[1], batch = (int)ids.Dims[0];
        double[] word = words.ToDoubles(), place = places.ToDoubles(), segment = context.Optional(4)?.ToDoubles() ?? [];
        var sum = new double[numbers.Length * size];
        for (int i = 0; i < numbers.Length; i++)
        {
            long w = Row(numbers[i], words), p = Row(positions.Length == 0 ? i % length : positions[i % positions.Length], places);
            long s = segments is null ? 0 : Row(segments[i], context.Tensor(4));
            for (int k = 0; k < size; k++)
                sum[i * size + k] = word[w * size + k] + place[p * size + k] + (segments is null ? 0 : segment[s * size + k]);
        }
        long[] dims = [batch, length, size];
        var wide = Tensor.Wide(words.DType, dims, sum);
        var normal = Run(context, new LayerNormalization(-1, Epsilon), wide, context.Tensor(5), context.Tensor(6));
        long[] counts = [.. Enumerable.Range(0, batch).Select(b => mask is null ? 0L : mask.AsSpan(b * length, length).Count(1L))];
        return [Rounded(context, normal, words.DType), EvaluateContext.Integers(DType.Int32, [batch], counts),
            context.Floats(words.DType, dims, sum)];
    }

    /// <summary>Ten operations for each element.</summary>
    public override Work Measure(MeasureContext context) => context.Elementwise(10);

    private static long Row(long row, Tensor table) => row >= 0 && row < table.Dims[0] ? row
        : throw EvaluateContext.Fault(FaultCodes.Data, $"there is no row {row} in {table.Type}");
}
