using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>What decision trees say of each row, for each target. Source: ai.onnx.ml TreeEnsembleRegressor-3.</summary>
/// <param name="AggregateFunction">How trees are put together.</param>
/// <param name="BaseValues">Added to each target.</param>
/// <param name="BaseValuesAsTensor">The same as a tensor.</param>
/// <param name="NTargets">Number of targets.</param>
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
/// <param name="TargetIds">Targets of weights.</param>
/// <param name="TargetNodeids">Leaves of weights.</param>
/// <param name="TargetTreeids">Trees of weights.</param>
/// <param name="TargetWeights">Weights.</param>
/// <param name="TargetWeightsAsTensor">The same as a tensor.</param>
public sealed record TreeEnsembleRegressor(TreeAggregate AggregateFunction = TreeAggregate.Sum, EquatableArray<float> BaseValues = default,
    Tensor? BaseValuesAsTensor = null, long NTargets = 0, EquatableArray<long> NodesFalsenodeids = default,
    EquatableArray<long> NodesFeatureids = default, EquatableArray<float> NodesHitrates = default, Tensor? NodesHitratesAsTensor = null,
    EquatableArray<long> NodesMissingValueTracksTrue = default, EquatableArray<string> NodesModes = default,
    EquatableArray<long> NodesNodeids = default, EquatableArray<long> NodesTreeids = default,
        EquatableArray<long> NodesTruenodeids = default,
    EquatableArray<float> NodesValues = default, Tensor? NodesValuesAsTensor = null, PostTransform PostTransform = PostTransform.None,
    EquatableArray<long> TargetIds = default, EquatableArray<long> TargetNodeids = default, EquatableArray<long> TargetTreeids = default,
    EquatableArray<float> TargetWeights = default, Tensor? TargetWeightsAsTensor = null) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<TreeEnsembleRegressor>("X", "Y", [1, 3, 5], "ai.onnx.ml").NewAttributes(3, "base_values_as_tensor",
            "nodes_hitrates_as_tensor", "nodes_values_as_tensor", "target_weights_as_tensor");

    /// <inheritdoc/>
    public override string Domain => "ai.onnx.ml";

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(16);

    /// <inheritdoc/>
    public override bool IsDiscontinuous => true;

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        context.Numbers(0);
        if (NTargets is < 0 or > int.MaxValue) throw context.Fault(FaultCodes.Attribute, $"n_targets is {NTargets}");
        return [new TensorType(DType.Float32, DecisionForest.ResultShape(context, NTargets))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.InferDims(this);
        var (items, rows, features) = DecisionForest.Rows(context.Tensor(0));
        var forest = new TreeAttributes(NodesTreeids, NodesNodeids, NodesFeatureids, NodesModes,
            TreeAttributes.Numbers(NodesValues, NodesValuesAsTensor), NodesTruenodeids, NodesFalsenodeids, NodesMissingValueTracksTrue,
            TargetTreeids, TargetNodeids, TargetIds, TreeAttributes.Numbers(TargetWeights, TargetWeightsAsTensor)).Forest(NTargets);
        double[] bases = TreeAttributes.Numbers(BaseValues, BaseValuesAsTensor), y = new double[Broadcasting.Count(dims)];
        if (bases.Length != 0 && bases.Length != NTargets)
            throw EvaluateContext.Fault(FaultCodes.Attribute, $"{bases.Length} base values are given for {NTargets} targets");
        for (int row = 0; row < rows; row++)
        {
            double?[] scores = forest.Predict(items.AsSpan(row * features, features), AggregateFunction);
            var result = y.AsSpan(row * scores.Length, scores.Length);
            for (int i = 0; i < scores.Length; i++) result[i] = (scores[i] ?? 0) + (bases.Length > 0 ? bases[i] : 0);
            PostTransform.Apply(result);
        }
        return [context.Floats(DType.Float32, dims, y)];
    }

    /// <summary>Some comparisons for each tree and row.</summary>
    public override Work Measure(MeasureContext context) => context.Elementwise(10L * Math.Max(1, NodesTreeids.Distinct().Count()));
}
