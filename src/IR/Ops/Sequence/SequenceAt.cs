using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>One element of a list; a negative place counts from the end. Source: ai.onnx SequenceAt.</summary>
public sealed record SequenceAt : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<SequenceAt>("input_sequence position", "tensor", [11]);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        context.Integers(1);
        return [context.OneOf(context.Element(0))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var items = context.Sequence(0).Items;
        return [items[context.Place(1, items.Length, items.Length - 1)]];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}

/// <summary>Number of elements of a list, an int64 scalar. Source: ai.onnx SequenceLength.</summary>
public sealed record SequenceLength : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<SequenceLength>("input_sequence", "length", [11]);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        context.Element(0);
        return [new TensorType(DType.Int64, Shape.Scalar)];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context) => [Tensor.Scalar((long)context.Sequence(0).Items.Length)];

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => new(0, 0, 0, context.BytesOut);
}
