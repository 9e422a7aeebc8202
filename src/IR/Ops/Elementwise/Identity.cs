using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>The operand itself, whatever it is. Source: ai.onnx Identity.</summary>
public sealed record Identity : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Identity>("input", "output", [1, 13, 14, 16, 19, 21, 23, 24, 25])
        .AllTypes()
        .Change(14, down: form => form.Type(0) is SequenceType ? "sequences are taken from opset 14 on" : null)
        .Change(16, down: form => form.Type(0) is OptionalType ? "optionals are taken from opset 16 on" : null);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        context.Know(0, context.Known(0));
        return [context.Type(0)];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context) => [context.Input(0)];

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}
