namespace Nncc.IR.Ops;

/// <summary>
/// The attributes in which TreeEnsembleClassifier and TreeEnsembleRegressor give their trees: an entry for each node, which is named by its
/// tree and its number there, and an entry for each weight of a leaf.
/// </summary>
/// <param name="TreeIds">Tree of each node.</param>
/// <param name="NodeIds">Number of each node in its tree.</param>
/// <param name="Features">Feature of each node.</param>
/// <param name="Modes">Rule of each node.</param>
/// <param name="Values">What each node compares with.</param>
/// <param name="True">The node of the same tree where the rule holds.</param>
/// <param name="False">The node of the same tree where it does not.</param>
/// <param name="Missing">Whether rules hold for NaN; empty for no.</param>
/// <param name="LeafTrees">Tree of each weight's leaf.</param>
/// <param name="LeafNodes">Number of each weight's leaf in its tree.</param>
/// <param name="LeafTargets">Target of each weight.</param>
/// <param name="Weights">The weights.</param>
internal sealed record TreeAttributes(EquatableArray<long> TreeIds, EquatableArray<long> NodeIds, EquatableArray<long> Features,
    EquatableArray<string> Modes, double[] Values, EquatableArray<long> True, EquatableArray<long> False, EquatableArray<long> Missing,
    EquatableArray<long> LeafTrees, EquatableArray<long> LeafNodes, EquatableArray<long> LeafTargets, double[] Weights)
{
    private static readonly Dictionary<string, TreeRule> Rules = new(StringComparer.Ordinal)
    {
        ["BRANCH_LEQ"] = TreeRule.LessOrEqual, ["BRANCH_LT"] = TreeRule.Less, ["BRANCH_GTE"] = TreeRule.GreaterOrEqual,
        ["BRANCH_GT"] = TreeRule.Greater, ["BRANCH_EQ"] = TreeRule.Equal, ["BRANCH_NEQ"] = TreeRule.NotEqual, ["LEAF"] = TreeRule.Leaf,
    };

    /// <summary>The numbers of an attribute that may be floats or a tensor.</summary>
    public static double[] Numbers(EquatableArray<float> floats, Tensor? tensor) =>
        tensor is { } given && given.DType.IsFloat() ? given.ToDoubles() : [.. floats.Select(f => (double)f)];

    /// <summary>The trees.</summary>
    /// <exception cref="NnccException">Attributes do not fit each other.</exception>
    public DecisionForest Forest(long targets)
    {
        int count = NodeIds.Count;
        if (new[] { TreeIds.Count, Features.Count, Modes.Count, Values.Length, True.Count, False.Count }.Any(n => n != count)
            || (Missing.Count != 0 && Missing.Count != count)
            || new[] { LeafNodes.Count, LeafTargets.Count, Weights.Length }.Any(n => n != LeafTrees.Count))
            throw EvaluateContext.Fault(FaultCodes.Attribute, "the attributes of nodes and of weights have one entry for each of them");
        var places = new Dictionary<(long Tree, long Node), int>();
        for (int i = 0; i < count; i++)
            if (!places.TryAdd((TreeIds[i], NodeIds[i]), i))
                throw EvaluateContext.Fault(FaultCodes.Attribute, $"tree {TreeIds[i]} has two nodes {NodeIds[i]}");
        var nodes = new TreeNode[count];
        var isChild = new bool[count];
        for (int i = 0; i < count; i++)
        {
            if (!Rules.TryGetValue(Modes[i], out var rule))
                throw EvaluateContext.Fault(FaultCodes.Attribute, $"\"{Modes[i]}\" is no mode of a node");
            int yes = places.GetValueOrDefault((TreeIds[i], True[i]), -1), no = places.GetValueOrDefault((TreeIds[i], False[i]), -1);
            nodes[i] = new TreeNode(rule, Features[i], Values[i], yes, no, !Missing.IsEmpty && Missing[i] != 0);
            if (rule == TreeRule.Leaf) continue;
            if (yes >= 0) isChild[yes] = true;
            if (no >= 0) isChild[no] = true;
        }
        for (int i = 0; i < Weights.Length; i++)
            if (places.TryGetValue((LeafTrees[i], LeafNodes[i]), out int leaf)) nodes[leaf].Weights.Add((LeafTargets[i], Weights[i]));
            else throw EvaluateContext.Fault(FaultCodes.Attribute, $"tree {LeafTrees[i]} has no node {LeafNodes[i]}");
        // The first node of a tree is its root.
        var roots = Enumerable.Range(0, count).Where(i => !isChild[i]).DistinctBy(i => TreeIds[i]).ToArray();
        return new DecisionForest(nodes, roots, targets);
    }
}
