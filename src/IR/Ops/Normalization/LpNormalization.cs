using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>Elements over their p-norm along an axis; zero where the norm is. Source: ai.onnx LpNormalization.</summary>
/// <param name="Axis">The axis; negative ones count from the end.</param>
/// <param name="P">Order of the norm, 1 or 2.</param>
public sealed record LpNormalization(long Axis = -1, long P = 2) : AxisFunction(Axis), IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<LpNormalization>("input", "output", [1, 22])
        .NewTypes(22, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Relative(16);

    /// <inheritdoc/>
    public override System.Collections.Immutable.ImmutableArray<IrType> Infer(InferContext context) => P is 1 or 2 ? base.Infer(context)
        : throw context.Fault(FaultCodes.Attribute, $"LpNormalization takes p = 1 or 2, got {P}");

    /// <summary>Power, sum and quotient for each element.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(3);

    private protected override void Apply(Span<double> items)
    {
        double norm = new LpNorm(P).Of(items);
        foreach (ref double item in items) item = norm == 0 ? 0 : item / norm;
    }
}
