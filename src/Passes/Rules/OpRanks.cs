using System.Collections.Immutable;

namespace Nncc.Passes.Rules;

/// <summary>
/// The declared order of ops, for rules that keep the number of nodes: such a rule goes from a higher rank to a lower one. Ops that only
/// move elements are lowest, so that they come to stand near the outputs; ops that are not in the table stand between the lists.
/// </summary>
internal static class OpRanks
{
    private const int Unlisted = 500;

    // From the most canonical on.
    private static readonly ImmutableArray<string> Lowest =
    [
        "Identity", "Constant", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Transpose", "Slice", "Concat", "Split", "Expand", "Tile",
            "Pad",
        "Gather", "Shape", "Cast", "Relu", "Clip", "Not", "Neg", "Abs", "Add", "Mul", "Sub", "Div", "Reciprocal", "Sqrt", "Pow", "Sum",
            "Mean",
        "Conv", "ConvTranspose", "Gemm", "MatMul",
    ];

    private static readonly ImmutableArray<string> Highest =
        ["Dropout", "BatchNormalization", "ReduceMean", "ReduceSum", "GlobalAveragePool", "CastLike", "ConstantOfShape", "Upsample",
            "Where"];

    /// <summary>The rank of an op by its full name.</summary>
    public static int Of(string op) => Lowest.IndexOf(op) is >= 0 and var low ? low
        : Highest.IndexOf(op) is >= 0 and var high ? 1000 + high : Unlisted;

    /// <summary>All names in order, for the documentation.</summary>
    public static IEnumerable<string> Listed => [.. Lowest, "(all others)", .. Highest];
}
