using System.Collections.Immutable;

namespace Nncc.IR;

/// <summary>What a value holds at run time in the evaluator: a tensor, a sequence, an optional or a map.</summary>
public abstract class Datum
{
    /// <summary>The most exact type of this content.</summary>
    public abstract IrType Type { get; }
}

/// <summary>A list of contents.</summary>
/// <param name="elementType">Type of the elements, which an empty list keeps.</param>
/// <param name="items">The elements.</param>
public sealed class SequenceDatum(IrType elementType, ImmutableArray<Datum> items) : Datum
{
    /// <summary>The elements.</summary>
    public ImmutableArray<Datum> Items { get; } = items;

    /// <inheritdoc/>
    public override IrType Type => new SequenceType(elementType);
}

/// <summary>A content or its absence.</summary>
/// <param name="elementType">Type of the content where there is one.</param>
/// <param name="item">The content, or null.</param>
public sealed class OptionalDatum(IrType elementType, Datum? item) : Datum
{
    /// <summary>The content, or null where it is absent.</summary>
    public Datum? Item { get; } = item;

    /// <inheritdoc/>
    public override IrType Type => new OptionalType(elementType);
}

/// <summary>A dictionary whose entries keep their order.</summary>
/// <param name="keys">Rank 1 tensor of the keys.</param>
/// <param name="values">The values, in the order of the keys; for numbers and strings a rank 1 tensor.</param>
public sealed class MapDatum(Tensor keys, Datum values) : Datum
{
    /// <summary>Rank 1 tensor of the keys.</summary>
    public Tensor Keys { get; } = keys;

    /// <summary>The values, in the order of the keys.</summary>
    public Datum Values { get; } = values;

    /// <inheritdoc/>
    public override IrType Type => new MapType(Keys.DType, Values is Tensor t ? new TensorType(t.DType, Shape.Scalar) : Values.Type);
}
