using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>A list with one more element before the given place, at the end by default. Source: ai.onnx SequenceInsert.</summary>
public sealed record SequenceInsert : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<SequenceInsert>("input_sequence tensor position?", "output_sequence", [11]);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var (element, tensor) = (context.Element(0), context.Tensor(1));
        if (context.Has(2)) context.Integers(2);
        if (element is TensorType { DType: var dtype } && dtype != tensor.DType && dtype != DType.Unknown && tensor.DType != DType.Unknown)
            throw context.Fault(FaultCodes.OperandType, $"{tensor} cannot be an element of {context.Type(0)}");
        return [new SequenceType(TypeRelation.Join(element, tensor, () => context.Fresh()))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var items = context.Sequence(0).Items;
        return context.Result(items.Insert(context.Has(2) ? context.Place(2, items.Length, items.Length)
            : items.Length, context.Tensor(1)));
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}

/// <summary>A list without the element at the given place, the last by default. Source: ai.onnx SequenceErase.</summary>
public sealed record SequenceErase : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<SequenceErase>("input_sequence position?", "output_sequence", [11]);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        if (context.Has(1)) context.Integers(1);
        return [new SequenceType(context.Element(0))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var items = context.Sequence(0).Items;
        if (items.IsEmpty) throw EvaluateContext.Fault(FaultCodes.Data, "nothing can be erased from an empty sequence");
        return context.Result(items.RemoveAt(context.Has(1) ? context.Place(1, items.Length, items.Length - 1) : items.Length - 1));
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}
