using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes.Strategies;

namespace Nncc.Backends.CSharp;

/// <summary>An elementwise node as the text of its operands, for which C# is printed.</summary>
/// <param name="Op">The op.</param>
/// <param name="X">Text of each operand; null for an absent one.</param>
/// <param name="Types">Element type of each operand.</param>
/// <param name="Constants">Content of each operand that is one constant element; null for the others.</param>
/// <param name="Result">Element type of the result.</param>
internal sealed record ElementNode(
    Op Op, ImmutableArray<string?> X, ImmutableArray<DType> Types, ImmutableArray<Tensor?> Constants, DType Result)
{
    /// <summary>Whether operand <paramref name="index"/> is given.</summary>
    public bool Has(int index) => index < X.Length && X[index] is not null;

    /// <summary>All given operands joined from left to right.</summary>
    public string Chain(Func<string, string, string> join) => X.Where(x => x is not null).Aggregate((a, b) => join(a!, b!))!;

    /// <summary>How many operands are given.</summary>
    public int Count => X.Count(x => x is not null);
}

/// <summary>
/// The C# expression of each elementwise op: what kernels print for a node of an elementwise region or an epilogue. An op that is listed
/// here is elementwise for the C# backend. Expressions have the meaning that the op's evaluation has, up to the rounding of binary32 and
/// binary64.
/// </summary>
internal static class ElementwiseCode
{
    /// <summary>Name of the parameter with the place for messages, which expressions that can fail at run time refer to.</summary>
    public const string Place = "place";

    /// <summary>Whether the op maps elements to elements here.</summary>
    public static bool IsElementwise(Op op) => op
        is Add or Sub or Mul or Div or Mod or Pow or Sum or Mean or Max or Min or Neg or Abs or Sign or Sqrt or Reciprocal or Floor or Ceil
        or Round or Exp or Log or Erf or Sin or Cos or Tan or Asin or Acos or Atan or Sinh or Cosh or Tanh or Asinh or Acosh or Atanh
        or Relu or LeakyRelu or PRelu or ThresholdedRelu or Elu or Celu or Selu or Sigmoid or HardSigmoid or HardSwish or Swish or Softplus
        or Softsign or Mish or Gelu or Shrink or Clip or BatchNormalization { TrainingMode: false }
        or Identity or Dropout or Cast or CastLike or Where
        or And or Or or Xor or Not or BitwiseAnd or BitwiseOr or BitwiseXor or BitwiseNot or BitShift
        or Equal or Less or LessOrEqual or Greater or GreaterOrEqual or IsNaN or IsInf;

    /// <summary>Whether the op's expression is a function of many operations, such as an exponential.</summary>
    public static bool IsLong(Op op) => op
        is Exp or Log or Erf or Tanh or Sigmoid or Softplus or Elu or Celu or Selu or Swish or Mish or Gelu or Pow or Mod
        or Sin or Cos or Tan or Asin or Acos or Atan or Sinh or Cosh or Asinh or Acosh or Atanh;

    /// <summary>About how many vector instructions the node of a region takes: what a cost model needs to know.</summary>
    public static double Instructions(KernelRegion region, Node node) => node.Op switch
    {
        Identity or Dropout => 0,
        Pow when region.Constant(node.Inputs[1])?.ToDouble() is 2 or 3 => 1,
        // A division is one instruction that the divider takes as long for as others take for so many.
        Div or Sqrt or Reciprocal or Softsign => 16,
        Swish => 20,
        HardSwish => 5,
        Gelu => 34,
        Mish or Pow or Mod => 60,
        // Bits of halves are taken apart and put together one by one.
        Cast or CastLike when IsHalf(region, node.Outputs[0]) => 90,
        Cast or CastLike when IsHalf(region, node.Inputs[0]) => 48,
        Log or Tanh or Softplus => 48,
        _ when IsLong(node.Op) => 26,
        HardSigmoid or Clip or LeakyRelu or PRelu or Sign or Shrink or Where => 3,
        _ => 1,
    };

    private static bool IsHalf(KernelRegion region, int value) =>
        region.Body[value].Type is TensorType { DType: DType.Float16 or DType.BFloat16 };

    /// <summary>Whether the elements of an operand matter (or only its type, or nothing of it).</summary>
    public static bool Reads(Op op, int operand) => operand == 0 || op is not (CastLike or Dropout);

    /// <summary>Whether the node's expression, where all its types are binary32, stands for vectors as well as for scalars.</summary>
    public static bool HasVectors(ElementNode node) => node.Op switch
    {
        Sin or Cos or Tan or Asin or Acos or Atan or Sinh or Cosh or Asinh or Acosh or Atanh or Mod => false,
        Pow => Float32Code.IsProduct(node),
        _ => node.Result == DType.Float32 && node.Types.Where((_, i) => node.Has(i) && Reads(node.Op, i)).All(t => t == DType.Float32),
    };

    /// <summary>
    /// The expression; null where the op has none for the types. Constants of binary32 in it are written as <see cref="F"/> does; where the
    /// node can meet data for which it has no result, the expression names the parameter <see cref="Place"/>.
    /// </summary>
    public static string? Expression(ElementNode node)
    {
        var x = node.X;
        switch (node.Op)
        {
            case Identity: return x[0];
            case Dropout: return node.Has(2) && node.Constants[2]?.ToLong() != 0 ? null : x[0];
            case Cast or CastLike: return CastCode.Expression(x[0]!, node.Types[0], node.Result);
            case Where: return $"({x[0]} ? {x[1]} : {x[2]})";
            case Not: return $"!{x[0]}";
            case And: return $"({x[0]} & {x[1]})";
            case Or: return $"({x[0]} | {x[1]})";
            case Xor: return $"({x[0]} ^ {x[1]})";
        }
        var type = node.Types[0];
        if (type is DType.Float16 or DType.BFloat16 || (node.Op is BatchNormalization && node.Types.Any(t => t != type))) return null;
        switch (node.Op)
        {
            case Equal: return $"({x[0]} == {x[1]})";
            case Less: return $"({x[0]} < {x[1]})";
            case LessOrEqual: return $"({x[0]} <= {x[1]})";
            case Greater: return $"({x[0]} > {x[1]})";
            case GreaterOrEqual: return $"({x[0]} >= {x[1]})";
            case IsNaN: return $"{CSharpTypes.Name(type)}.IsNaN({x[0]})";
            case IsInf { DetectNegative: var negative, DetectPositive: var positive }:
                string test = negative && positive ? "IsInfinity" : negative ? "IsNegativeInfinity" : "IsPositiveInfinity";
                return negative || positive ? $"{CSharpTypes.Name(type)}.{test}({x[0]})" : "false";
        }
        return type switch
        {
            DType.Float32 => Float32Code.Expression(node),
            DType.Float64 => Float64Code.Expression(node),
            _ when type.IsInteger() => IntegerCode.Expression(node),
            _ => null,
        };
    }

    /// <summary>A binary32 constant of an expression; the dialect puts it into all lanes.</summary>
    public static string F(double value) => $"⟨{((float)value).ToString("R")}⟩";
}
