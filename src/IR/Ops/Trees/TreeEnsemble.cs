using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// The sums (or averages, least, greatest) of what the leaves of decision trees say of each row, for each target. Source: ai.onnx.ml
/// TreeEnsemble-5.
/// </summary>
/// <param name="LeafTargetids">Target of each leaf.</param>
/// <param name="LeafWeights">Weight of each leaf.</param>
/// <param name="NodesFalseleafs">Whether the other branch of a node is a leaf.</param>
/// <param name="NodesFalsenodeids">The node or leaf where a rule does not hold.</param>
/// <param name="NodesFeatureids">The feature of each node.</param>
/// <param name="NodesModes">The rule of each node: ≤, &lt;, ≥, &gt;, =, ≠, member.</param>
/// <param name="NodesSplits">What each node compares with.</param>
/// <param name="NodesTrueleafs">Whether the first branch of a node is a leaf.</param>
/// <param name="NodesTruenodeids">The node or leaf where a rule holds.</param>
/// <param name="TreeRoots">The first node of each tree.</param>
/// <param name="AggregateFunction">0 average, 1 sum, 2 least, 3 greatest.</param>
/// <param name="MembershipValues">Members of all member rules, NaN behind each set.</param>
/// <param name="NTargets">Number of targets.</param>
/// <param name="NodesHitrates">How often each node was met; a hint.</param>
/// <param name="NodesMissingValueTracksTrue">Whether rules hold for NaN; empty for no.</param>
/// <param name="PostTransform">What follows: 0 nothing, 1 softmax, 2 logistic, 3 softmax zero, 4 probit.</param>
public sealed record TreeEnsemble(EquatableArray<long> LeafTargetids, Tensor LeafWeights, EquatableArray<long> NodesFalseleafs,
    EquatableArray<long> NodesFalsenodeids, EquatableArray<long> NodesFeatureids, Tensor NodesModes, Tensor NodesSplits,
    EquatableArray<long> NodesTrueleafs, EquatableArray<long> NodesTruenodeids, EquatableArray<long> TreeRoots, long AggregateFunction = 1,
    Tensor? MembershipValues = null, long NTargets = 0, Tensor? NodesHitrates = null,
    EquatableArray<long> NodesMissingValueTracksTrue = default, long PostTransform = 0) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<TreeEnsemble>("X", "Y", [5], "ai.onnx.ml");

    /// <inheritdoc/>
    public override string Domain => "ai.onnx.ml";

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(16);

    /// <inheritdoc/>
    public override bool IsDiscontinuous => true;

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Tensor(0, t => t is DType.Float32 or DType.Float64 or DType.Float16, "float");
        int n = NodesFeatureids.Count;
        if (AggregateFunction is < 0 or > 3 || PostTransform is < 0 or > 4 || NTargets < 0 || NTargets > int.MaxValue
            || NodesModes.DType != DType.UInt8 || !NodesSplits.DType.IsFloat() || !LeafWeights.DType.IsFloat()
            || MembershipValues is { } members && !members.DType.IsFloat()
            || new long[] { NodesFalseleafs.Count, NodesFalsenodeids.Count, NodesModes.Count, NodesSplits.Count, NodesTrueleafs.Count,
                NodesTruenodeids.Count }.Any(count => count != n) || LeafTargetids.Count != LeafWeights.Count
            || (NodesMissingValueTracksTrue.Count != 0 && NodesMissingValueTracksTrue.Count != n))
            throw context.Fault(FaultCodes.Attribute, "the attributes of nodes and leaves have one entry for each of them, "
                + "aggregate_function is 0 to 3, post_transform 0 to 4");
        return [x with { Shape = DecisionForest.ResultShape(context, NTargets) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.InferDims(this);
        var x = context.Tensor(0);
        var (items, rows, features) = DecisionForest.Rows(x);
        var forest = Forest();
        var y = new double[Broadcasting.Count(dims)];
        for (int row = 0; row < rows; row++)
        {
            double?[] scores = forest.Predict(items.AsSpan(row * features, features), (TreeAggregate)AggregateFunction);
            var result = y.AsSpan(row * scores.Length, scores.Length);
            for (int i = 0; i < scores.Length; i++) result[i] = scores[i] ?? 0;
            ((PostTransform)PostTransform).Apply(result);
        }
        return [context.Floats(x.DType, dims, y)];
    }

    /// <summary>A comparison for each of some nodes of each tree and row.</summary>
    public override Work Measure(MeasureContext context) => context.Elementwise(10L * Math.Max(1, TreeRoots.Count));

    private DecisionForest Forest()
    {
        double[] splits = NodesSplits.ToDoubles(), weights = LeafWeights.ToDoubles(), members = MembershipValues?.ToDoubles() ?? [];
        long[] modes = NodesModes.ToLongs();
        int count = NodesFeatureids.Count, next = 0;
        var nodes = new TreeNode[count + weights.Length];
        int Branch(bool isLeaf, long id) => isLeaf ? (id >= 0 && id < weights.Length ? count + (int)id : -1)
            : id >= 0 && id < count ? (int)id : -1;
        for (int i = 0; i < count; i++)
        {
            if (modes[i] > (long)TreeRule.Member) throw EvaluateContext.Fault(FaultCodes.Attribute, $"node {i} has mode {modes[i]}");
            var set = new HashSet<double>();
            if (modes[i] == (long)TreeRule.Member)
                for (; next < members.Length && !double.IsNaN(members[next++]);) set.Add(members[next - 1]);
            nodes[i] = new TreeNode((TreeRule)modes[i], NodesFeatureids[i], splits[i], Branch(NodesTrueleafs[i] != 0, NodesTruenodeids[i]),
                Branch(NodesFalseleafs[i] != 0, NodesFalsenodeids[i]),
                !NodesMissingValueTracksTrue.IsEmpty && NodesMissingValueTracksTrue[i] != 0) { Members = set };
        }
        for (int i = 0; i < weights.Length; i++)
        {
            nodes[count + i] = new TreeNode(TreeRule.Leaf, 0, 0, -1, -1, false);
            nodes[count + i].Weights.Add((LeafTargetids[i], weights[i]));
        }
        return new DecisionForest(nodes, [.. TreeRoots.Select(r => r >= 0 && r < count ? (int)r : -1)], NTargets);
    }
}
