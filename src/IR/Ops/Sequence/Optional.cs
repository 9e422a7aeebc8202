using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>An optional that holds the operand, or nothing where there is none. Source: ai.onnx Optional.</summary>
/// <param name="Type">Type of the content; needed where there is no operand.</param>
public sealed record Optional(IrType? Type = null) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Optional>("input?", "output", [15]);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context) => [new OptionalType(context.Has(0) ? context.Type(0)
        : Type ?? throw context.Fault(FaultCodes.Attribute, "Optional needs an operand or the attribute \"type\""))];

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context) =>
        [new OptionalDatum(context.Has(0) ? context.Input(0).Type : Type!, context.Has(0) ? context.Input(0) : null)];

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}

/// <summary>The content of an optional; what is no optional is its own content. Source: ai.onnx OptionalGetElement.</summary>
public sealed record OptionalGetElement : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<OptionalGetElement>("input", "output", [15, 18])
        .Change(18, down: form => form.Type(0) is OptionalType ? null : "what is no optional is taken from opset 18 on");

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context) =>
        [context.Type(0) is OptionalType optional ? optional.Element : context.Type(0)];

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context) =>
        [context.Input(0) is not OptionalDatum optional ? context.Input(0)
        : optional.Item ?? throw EvaluateContext.Fault(FaultCodes.Data, "the optional holds nothing")];

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}

/// <summary>Whether there is a content: an operand that is no empty optional. Source: ai.onnx OptionalHasElement.</summary>
public sealed record OptionalHasElement : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<OptionalHasElement>("input?", "output", [15, 18])
        .Change(18, down: form => form.Type(0) is OptionalType ? null : "what is no optional is taken from opset 18 on");

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context) => [new TensorType(DType.Bool, Shape.Scalar)];

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context) =>
        [Tensor.Scalar(context.Has(0) && context.Input(0) is not OptionalDatum { Item: null })];

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => new(0, 0, 0, context.BytesOut);
}
