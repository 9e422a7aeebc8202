using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>The list of the operands. Source: ai.onnx SequenceConstruct.</summary>
public sealed record SequenceConstruct : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<SequenceConstruct>("inputs...", "output_sequence", [11]);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        if (context.Count == 0) throw context.Fault(FaultCodes.OperandCount, "SequenceConstruct needs an operand");
        for (int i = 1; i < context.Count; i++) context.SameDType(0, i);
        return [new SequenceType(Enumerable.Range(1, context.Count - 1).Aggregate((IrType)context.Tensor(0),
            (type, i) => TypeRelation.Join(type, context.Tensor(i), () => context.Fresh())))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context) =>
        [new SequenceDatum(((SequenceType)context.ResultType(0)).Element, context.InputsFrom(0))];

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}

/// <summary>A list without elements. Source: ai.onnx SequenceEmpty.</summary>
/// <param name="Dtype">Dtype of the tensors that the list may take.</param>
public sealed record SequenceEmpty(DType Dtype = DType.Float32) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<SequenceEmpty>("", "output", [11]);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context) => [new SequenceType(new TensorType(Dtype, null))];

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context) => [new SequenceDatum(new TensorType(Dtype, null), [])];

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => new(0, 0, 0, 0);
}
