using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>How a node of a tree decides.</summary>
internal enum TreeRule
{
    LessOrEqual, Less, GreaterOrEqual, Greater, Equal, NotEqual, Member, Leaf,
}

/// <summary>A node of a tree: a rule on a feature, where it leads, and what a leaf adds.</summary>
/// <param name="Rule">How it decides.</param>
/// <param name="Feature">The feature.</param>
/// <param name="Split">What the feature is compared with.</param>
/// <param name="True">The node where the rule holds.</param>
/// <param name="False">The node where it does not.</param>
/// <param name="TakesMissing">Whether the rule holds for NaN.</param>
internal sealed record TreeNode(TreeRule Rule, long Feature, double Split, int True, int False, bool TakesMissing)
{
    /// <summary>Weights by target, of a leaf.</summary>
    public List<(long Target, double Weight)> Weights { get; } = [];

    /// <summary>What a member rule looks for.</summary>
    public HashSet<double> Members { get; init; } = [];

    /// <summary>Whether the rule holds for a number.</summary>
    public bool Holds(double x) => (TakesMissing && double.IsNaN(x)) || Rule switch
    {
        TreeRule.LessOrEqual => x <= Split,
        TreeRule.Less => x < Split,
        TreeRule.GreaterOrEqual => x >= Split,
        TreeRule.Greater => x > Split,
        TreeRule.Equal => x == Split,
        TreeRule.NotEqual => x != Split,
        _ => Members.Contains(x),
    };
}

/// <summary>Trees whose leaves add weights to targets; for the tree ensembles of ai.onnx.ml.</summary>
/// <param name="nodes">All nodes.</param>
/// <param name="roots">The first node of each tree.</param>
/// <param name="targets">Number of targets.</param>
internal sealed class DecisionForest(TreeNode[] nodes, int[] roots, long targets)
{
    /// <summary>What the trees say of a row: for each target the aggregated weight, or null where no leaf said anything.</summary>
    public double?[] Predict(ReadOnlySpan<double> row, TreeAggregate aggregate)
    {
        var result = new double?[targets];
        foreach (int root in roots)
            foreach (var (target, weight) in Leaf(row, root).Weights)
            {
                if (target < 0 || target >= targets)
                    throw EvaluateContext.Fault(FaultCodes.Attribute, $"a leaf has target {target} of {targets}");
                result[target] = (result[target], aggregate) switch
                {
                    (null, _) => weight,
                    ({ } so, TreeAggregate.Min) => Math.Min(so, weight),
                    ({ } so, TreeAggregate.Max) => Math.Max(so, weight),
                    ({ } so, _) => so + weight,
                };
            }
        if (aggregate == TreeAggregate.Average)
            for (int i = 0; i < result.Length; i++) result[i] /= roots.Length;
        return result;
    }

    /// <summary>Rows of X [n, features] or [features] as numbers.</summary>
    public static (double[] Items, int Rows, int Features) Rows(Tensor x)
    {
        int rows = x.Rank == 1 ? 1 : (int)x.Dims[0];
        return (x.ToDoubles(), rows, (int)x.Dims[^1]);
    }

    /// <summary>The shape [rows, n] for an operand [rows, features] or [features].</summary>
    public static Shape? ResultShape(InferContext context, Dim columns)
    {
        var x = context.Tensor(0);
        if (x.Shape is null) return null;
        return x.Shape.Rank is 1 or 2 ? [x.Shape.Rank == 1 ? 1 : x.Shape[0], columns]
            : throw context.Fault(FaultCodes.OperandShape, $"the operand must be [n,features], got {x}");
    }

    private TreeNode Leaf(ReadOnlySpan<double> row, int at)
    {
        for (int steps = 0; steps <= nodes.Length; steps++)
        {
            if (at < 0 || at >= nodes.Length) break;
            var node = nodes[at];
            if (node.Rule == TreeRule.Leaf) return node;
            if (node.Feature < 0 || node.Feature >= row.Length)
                throw EvaluateContext.Fault(FaultCodes.Data, $"a node asks for feature {node.Feature} of {row.Length}");
            at = node.Holds(row[(int)node.Feature]) ? node.True : node.False;
        }
        throw EvaluateContext.Fault(FaultCodes.Attribute, "a tree leads to no leaf");
    }
}

/// <summary>How the weights of several trees become one.</summary>
public enum TreeAggregate
{
    /// <summary>Their sum over the number of trees.</summary>
    [OnnxName("AVERAGE")]
    Average,
    /// <summary>Their sum.</summary>
    [OnnxName("SUM")]
    Sum,
    /// <summary>The least.</summary>
    [OnnxName("MIN")]
    Min,
    /// <summary>The greatest.</summary>
    [OnnxName("MAX")]
    Max,
}
