using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// The class that decision trees say of each row, and the scores of all classes. Where all weights are those of one class of two, its score
/// s stands against 1 - s (all weights positive) or -s. Source: ai.onnx.ml TreeEnsembleClassifier-3.
/// </summary>
/// <param name="BaseValues">Added to the scores.</param>
/// <param name="BaseValuesAsTensor">The same as a tensor.</param>
/// <param name="ClassIds">Classes of weights.</param>
/// <param name="ClassNodeids">Leaves of weights.</param>
/// <param name="ClassTreeids">Trees of weights.</param>
/// <param name="ClassWeights">Weights.</param>
/// <param name="ClassWeightsAsTensor">The same as a tensor.</param>
/// <param name="ClasslabelsInt64s">Names of classes as integers.</param>
/// <param name="ClasslabelsStrings">Names of classes as strings.</param>
/// <param name="NodesFalsenodeids">See <see cref="TreeAttributes"/>, as all that follow.</param>
/// <param name="NodesFeatureids">Features.</param>
/// <param name="NodesHitrates">A hint.</param>
/// <param name="NodesHitratesAsTensor">A hint.</param>
/// <param name="NodesMissingValueTracksTrue">Whether rules hold for NaN.</param>
/// <param name="NodesModes">Rules.</param>
/// <param name="NodesNodeids">Numbers of nodes.</param>
/// <param name="NodesTreeids">Trees of nodes.</param>
/// <param name="NodesTruenodeids">Where rules lead.</param>
/// <param name="NodesValues">What is compared with.</param>
/// <param name="NodesValuesAsTensor">The same as a tensor.</param>
/// <param name="PostTransform">What follows.</param>
public sealed record TreeEnsembleClassifier(EquatableArray<float> BaseValues = default, Tensor? BaseValuesAsTensor = null,
    EquatableArray<long> ClassIds = default, EquatableArray<long> ClassNodeids = default, EquatableArray<long> ClassTreeids = default,
    EquatableArray<float> ClassWeights = default, Tensor? ClassWeightsAsTensor = null,
    [OnnxName("classlabels_int64s")] EquatableArray<long> ClasslabelsInt64s = default, EquatableArray<string> ClasslabelsStrings = default,
    EquatableArray<long> NodesFalsenodeids = default, EquatableArray<long> NodesFeatureids = default,
    EquatableArray<float> NodesHitrates = default, Tensor? NodesHitratesAsTensor = null,
    EquatableArray<long> NodesMissingValueTracksTrue = default, EquatableArray<string> NodesModes = default,
    EquatableArray<long> NodesNodeids = default, EquatableArray<long> NodesTreeids = default,
        EquatableArray<long> NodesTruenodeids = default,
    EquatableArray<float> NodesValues = default, Tensor? NodesValuesAsTensor = null, PostTransform PostTransform = PostTransform.None)
    : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<TreeEnsembleClassifier>("X", "Y Z", [1, 3, 5], "ai.onnx.ml").NewAttributes(3, "base_values_as_tensor",
            "nodes_hitrates_as_tensor", "nodes_values_as_tensor", "class_weights_as_tensor");

    /// <inheritdoc/>
    public override string Domain => "ai.onnx.ml";

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(16);

    /// <inheritdoc/>
    public override bool IsDiscontinuous => true;

    private ClassLabels Labels => new(ClasslabelsInt64s, ClasslabelsStrings);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        context.Numbers(0);
        return Labels.Infer(context, Labels.Count == 1 ? 2 : Labels.Count);
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        var labels = Labels;
        var (items, rows, features) = DecisionForest.Rows(context.Tensor(0));
        double[] weights = TreeAttributes.Numbers(ClassWeights, ClassWeightsAsTensor);
        double[] bases = TreeAttributes.Numbers(BaseValues, BaseValuesAsTensor);
        int classes = Math.Max(labels.Count, 2);
        if (bases.Length > classes) throw EvaluateContext.Fault(FaultCodes.Attribute, $"{bases.Length} base values for {classes} classes");
        var forest = new TreeAttributes(NodesTreeids, NodesNodeids, NodesFeatureids, NodesModes,
            TreeAttributes.Numbers(NodesValues, NodesValuesAsTensor), NodesTruenodeids, NodesFalsenodeids, NodesMissingValueTracksTrue,
            ClassTreeids, ClassNodeids, ClassIds, weights).Forest(classes);
        bool isBinary = classes == 2 && ClassIds.Distinct().Count() == 1;
        var scores = new ClassScores(labels, rows, classes);
        for (int row = 0; row < rows; row++)
        {
            double?[] found = forest.Predict(items.AsSpan(row * features, features), TreeAggregate.Sum);
            if (isBinary)
            {
                double score = (found[0] ?? found[1] ?? 0) + bases.Sum() / Math.Max(bases.Length, 1);
                scores.SetBinary(row, score, weights.All(w => w >= 0), PostTransform);
                continue;
            }
            scores.Set(row, [.. found.Select((s, i) => (s ?? 0) + (i < bases.Length ? bases[i] : 0))], PostTransform);
        }
        return scores.Results(context);
    }

    /// <summary>Some comparisons for each tree and row.</summary>
    public override Work Measure(MeasureContext context) => context.Elementwise(10L * Math.Max(1, NodesTreeids.Distinct().Count()));
}
