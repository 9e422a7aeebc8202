namespace Nncc.IR.Ops;

/// <summary>Sizes of queries, keys or values.</summary>
/// <param name="Batch">Batches.</param>
/// <param name="Heads">Heads.</param>
/// <param name="Length">Places of the sequence.</param>
/// <param name="Size">Elements of a head.</param>
internal sealed record HeadShapes(Dim Batch, Dim Heads, Dim Length, Dim Size)
{
    /// <summary>
    /// Those of an operand [batch, heads, length, size] or [batch, length, heads · size]; null where its rank is unknown.
    /// </summary>
    public static HeadShapes? Of(InferContext context, int index, long heads, string attribute)
    {
        var type = context.Tensor(index);
        switch (type.Shape)
        {
            case null: return null;
            case { Rank: 4 } shape:
                if (heads > 0) context.Same(shape[1], heads, $"{attribute} and the heads of operand {index}");
                return new(shape[0], shape[1], shape[2], shape[3]);
            case { Rank: 3 } shape:
                if (heads < 1) throw context.Fault(FaultCodes.Attribute, $"operand {index} is {type}, and {attribute} is not given");
                context.Multiple(shape[2], heads, $"the last axis of operand {index}");
                return new(shape[0], heads, shape[1], Dim.FloorDiv(shape[2], heads));
            default:
                throw context.Fault(FaultCodes.OperandShape,
                    $"operand {index} must be [batch,heads,length,size] or [batch,length,heads·size], got {type}");
        }
    }

    /// <summary>Fault if these keys do not fit their queries and values.</summary>
    public void CheckAgainst(InferContext context, HeadShapes queries, HeadShapes values)
    {
        context.Same(Batch, queries.Batch, "batches of Q and K");
        context.Same(Batch, values.Batch, "batches of K and V");
        context.Same(Heads, values.Heads, "heads of K and V");
        context.Same(Length, values.Length, "lengths of K and V");
        context.Same(Size, queries.Size, "sizes of a head of Q and K");
        if (Heads.Value is { } shared) context.Multiple(queries.Heads, shared, "the number of heads of Q");
    }
}
