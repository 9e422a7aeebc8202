using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// -weight · input at the right class of each place, for input [n, classes, d1, ...] of logarithms of probabilities and target
/// [n, d1, ...] of classes. Source: ai.onnx NegativeLogLikelihoodLoss.
/// </summary>
/// <param name="IgnoreIndex">A class whose places have neither loss nor weight; null for none.</param>
/// <param name="Reduction">What the result is.</param>
public sealed record NegativeLogLikelihoodLoss(long? IgnoreIndex = null, LossReduction Reduction = LossReduction.Mean) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<NegativeLogLikelihoodLoss>("input target weight?", "loss", [12, 13, 22]).NewTypes(22, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context) => [ClassLoss.Infer(context, Reduction)];

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        return [ClassLoss.Evaluate(context, context.Tensor(0).ToDoubles(), Reduction, IgnoreIndex)];
    }

    /// <summary>A product and two sums for each place.</summary>
    public override Work Measure(MeasureContext context) => new(0, context.Input(1).Count * 3, context.BytesIn, context.BytesOut);
}
