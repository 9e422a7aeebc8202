using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// -weight · log softmax(scores) at the right class of each place, for scores [n, classes, d1, ...] and labels [n, d1, ...], and the
/// logarithms themselves. Source: ai.onnx SoftmaxCrossEntropyLoss.
/// </summary>
/// <param name="IgnoreIndex">A class whose places have neither loss nor weight; null for none.</param>
/// <param name="Reduction">What the result is.</param>
public sealed record SoftmaxCrossEntropyLoss(long? IgnoreIndex = null, LossReduction Reduction = LossReduction.Mean) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<SoftmaxCrossEntropyLoss>("scores labels weights?",
        "output log_prob?", [12, 13]).NewTypes(13, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context) => [ClassLoss.Infer(context, Reduction), context.Tensor(0)];

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        var scores = context.Tensor(0);
        double[] logs = scores.ToDoubles();
        var slices = new AxisSlices(scores.Dims.AsSpan(), 1);
        var row = new double[slices.Length];
        for (int slice = 0; slice < slices.Count && row.Length > 0; slice++)
        {
            slices.Read<double>(logs, slice, row);
            double max = row.Max(), sum = 0;
            foreach (double item in row) sum += Elementary.Exp(item - max);
            double log = Elementary.Log(sum);
            foreach (ref double item in row.AsSpan()) item = item - max - log;
            slices.Write<double>(row, slice, logs);
        }
        return [ClassLoss.Evaluate(context, logs, Reduction, IgnoreIndex), context.Floats(scores.DType, scores.Dims.AsSpan(), logs)];
    }

    /// <summary>For each score: difference, exponential, sum, difference.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(4);
}
