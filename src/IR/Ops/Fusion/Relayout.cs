using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// Changes the layout of a value and nothing else: its meaning is the identity. Stands between a producer and a consumer that do not
/// agree on how elements lie in memory.
/// </summary>
public sealed record Relayout : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Relayout>("data", "result", [1], "nncc");

    /// <inheritdoc/>
    public override string Domain => "nncc";

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context) => [context.Type(0)];

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context) => [context.Input(0)];

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}
