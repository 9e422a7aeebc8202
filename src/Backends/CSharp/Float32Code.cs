using Nncc.IR.Ops;
using static Nncc.Backends.CSharp.ElementwiseCode;

namespace Nncc.Backends.CSharp;

/// <summary>
/// Expressions of elementwise ops on binary32, for vectors and scalars alike by the functions of the emitted class <c>Simd</c>. Those that
/// have no vector form go over binary64.
/// </summary>
internal static class Float32Code
{
    /// <summary>Whether a power is printed as a product: the exponent is the constant 2 or 3.</summary>
    public static bool IsProduct(ElementNode node) =>
        node.Op is Pow && node.Types[0] == DType.Float32 && node.Constants[1]?.ToDouble() is 2 or 3;

    /// <summary>The expression; null where there is none.</summary>
    public static string? Expression(ElementNode node)
    {
        var x = node.X;
        return node.Op switch
        {
            Add => $"{x[0]} + {x[1]}",
            Sub => $"{x[0]} - {x[1]}",
            Mul => $"{x[0]} * {x[1]}",
            Div when PowerOfTwo(node.Constants[1]) is { } power => $"{x[0]} * {F(1 / power)}",
            Div => $"{x[0]} / {x[1]}",
            Sum => node.Chain((a, b) => $"{a} + {b}"),
            Mean => $"({node.Chain((a, b) => $"{a} + {b}")}) / {F(node.Count)}",
            Max => node.Chain((a, b) => $"Max({a}, {b})"),
            Min => node.Chain((a, b) => $"Min({a}, {b})"),
            Neg => $"-{x[0]}",
            Abs or Sqrt or Floor or Exp or Log or Tanh or Erf or Sigmoid or Softplus => $"{node.Op.Name}({x[0]})",
            Ceil => $"Ceiling({x[0]})",
            Round => $"RoundEven({x[0]})",
            Reciprocal => $"{F(1)} / {x[0]}",
            Sign => $"IfLess({F(0)}, {x[0]}, {F(1)}, IfLess({x[0]}, {F(0)}, {F(-1)}, {x[0]}))",
            Clip => Clipped(node),
            BatchNormalization { Epsilon: var epsilon } => $"MulAdd({x[0]} - {x[3]}, {x[1]} / Sqrt({x[4]} + {F(epsilon)}), {x[2]})",
            Mod => $"({x[0]} % {x[1]})",
            Pow when node.Constants[1]?.ToDouble() is 2 => $"{x[0]} * {x[0]}",
            Pow when node.Constants[1]?.ToDouble() is 3 => $"{x[0]} * {x[0]} * {x[0]}",
            Pow => $"(float)Elementary.Pow({x[0]}, (double){x[1]})",
            Sin or Cos or Tan or Asin or Acos or Atan or Sinh or Cosh or Asinh or Acosh or Atanh =>
                $"(float)Elementary.{node.Op.Name}({x[0]})",
            _ => Activation(node.Op, x[0]!, x.Length > 1 ? x[1] : null),
        };
    }

    // A constant by which dividing is the same as multiplying with its reciprocal: a normal power of two whose reciprocal is one too.
    private static double? PowerOfTwo(Tensor? constant) =>
        constant?.ToDouble() is { } value && Math.Abs(value) is >= 1e-37 and <= 1e37
            && (BitConverter.DoubleToInt64Bits(value) & ((1L << 52) - 1)) == 0 ? value : null;

    private static string? Activation(Op op, string x, string? slope) => op switch
    {
        Relu => $"AtLeast({F(0)}, {x})",
        LeakyRelu { Alpha: var alpha } => $"IfLess({x}, {F(0)}, {x} * {F(alpha)}, {x})",
        PRelu => $"IfLess({x}, {F(0)}, {x} * {slope}, {x})",
        ThresholdedRelu { Alpha: var alpha } => $"IfLess({F(alpha)}, {x}, {x}, {F(0)})",
        Elu { Alpha: var alpha } => $"IfLess({x}, {F(0)}, {F(alpha)} * Expm1({x}), {x})",
        Celu { Alpha: var alpha } => $"AtLeast({F(0)}, {x}) + AtMost({F(0)}, {F(alpha)} * Expm1({x} / {F(alpha)}))",
        Selu { Alpha: var alpha, Gamma: var gamma } => $"{F(gamma)} * IfLess({F(0)}, {x}, {x}, {F(alpha)} * Expm1({x}))",
        HardSigmoid { Alpha: var alpha, Beta: var beta } => $"AtMost({F(1)}, AtLeast({F(0)}, MulAdd({x}, {F(alpha)}, {F(beta)})))",
        HardSwish => $"{x} * AtMost({F(1)}, AtLeast({F(0)}, MulAdd({x}, {F(1f / 6)}, {F(0.5)})))",
        Swish { Alpha: 1 } => $"{x} / OnePlusExpOfMinus({x})",
        Swish { Alpha: var alpha } => $"{x} / OnePlusExpOfMinus({F(alpha)} * {x})",
        Softsign => $"{x} / ({F(1)} + Abs({x}))",
        Mish => $"{x} * Tanh(Softplus({x}))",
        Gelu { Approximate: GeluFormula.Tanh } =>
            $"{F(0.5)} * {x} * ({F(1)} + Tanh({F(0.79788456080286535)} * MulAdd({x} * {x} * {x}, {F(0.044715)}, {x})))",
        Gelu => $"{F(0.5)} * {x} * ({F(1)} + Erf({x} * {F(0.70710678118654752)}))",
        Shrink { Bias: var bias, Lambd: var lambd } =>
            $"IfLess({x}, {F(-lambd)}, {x} + {F(bias)}, IfLess({F(lambd)}, {x}, {x} - {F(bias)}, {F(0)}))",
        _ => null,
    };

    // A greatest value below the least one wins.
    private static string Clipped(ElementNode node)
    {
        string result = node.X[0]!;
        if (node.Has(1)) result = $"AtLeast({node.X[1]}, {result})";
        return node.Has(2) ? $"AtMost({node.X[2]}, {result})" : result;
    }
}
