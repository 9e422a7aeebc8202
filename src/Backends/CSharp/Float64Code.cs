using Nncc.IR.Ops;

namespace Nncc.Backends.CSharp;

/// <summary>Expressions of elementwise ops on binary64, which are computed one by one.</summary>
internal static class Float64Code
{
    /// <summary>The expression; null where there is none.</summary>
    public static string? Expression(ElementNode node)
    {
        var x = node.X;
        return node.Op switch
        {
            Add => $"{x[0]} + {x[1]}",
            Sub => $"{x[0]} - {x[1]}",
            Mul => $"{x[0]} * {x[1]}",
            Div => $"{x[0]} / {x[1]}",
            Sum => node.Chain((a, b) => $"{a} + {b}"),
            Mean => $"({node.Chain((a, b) => $"{a} + {b}")}) / {N(node.Count)}",
            Max => node.Chain((a, b) => $"Math.Max({a}, {b})"),
            Min => node.Chain((a, b) => $"Math.Min({a}, {b})"),
            Neg => $"-{x[0]}",
            Abs or Sqrt or Floor => $"Math.{node.Op.Name}({x[0]})",
            Ceil => $"Math.Ceiling({x[0]})",
            Round => $"Math.Round({x[0]})",
            Reciprocal => $"1d / {x[0]}",
            Sign => $"({x[0]} > 0 ? 1d : {x[0]} < 0 ? -1d : {x[0]})",
            Clip => Clipped(node),
            BatchNormalization { Epsilon: var epsilon } => $"({x[0]} - {x[3]}) * ({x[1]} / Math.Sqrt({x[4]} + {N(epsilon)})) + {x[2]}",
            Mod => $"({x[0]} % {x[1]})",
            Pow => $"Elementary.Pow({x[0]}, (double){x[1]})",
            Exp or Log or Erf or Sin or Cos or Tan or Asin or Acos or Atan or Sinh or Cosh or Tanh or Asinh or Acosh or Atanh =>
                $"Elementary.{node.Op.Name}({x[0]})",
            _ => Activation(node.Op, x[0]!, x.Length > 1 ? x[1] : null),
        };
    }

    private static string? Activation(Op op, string x, string? slope) => op switch
    {
        Relu => $"({x} < 0 ? 0d : {x})",
        LeakyRelu { Alpha: var alpha } => $"({x} < 0 ? {N(alpha)} * {x} : {x})",
        PRelu => $"({x} < 0 ? {x} * {slope} : {x})",
        ThresholdedRelu { Alpha: var alpha } => $"({x} > {N(alpha)} ? {x} : 0d)",
        Elu { Alpha: var alpha } => $"({x} < 0 ? {N(alpha)} * Elementary.Expm1({x}) : {x})",
        Celu { Alpha: var alpha } => $"Math.Max(0d, {x}) + Math.Min(0d, {N(alpha)} * Elementary.Expm1({x} / {N(alpha)}))",
        Selu { Alpha: var alpha, Gamma: var gamma } => $"{N(gamma)} * ({x} > 0 ? {x} : {N(alpha)} * Elementary.Expm1({x}))",
        IR.Ops.Sigmoid => Sigmoid(x),
        HardSigmoid { Alpha: var alpha, Beta: var beta } => $"Math.Min(1d, Math.Max(0d, {x} * {N(alpha)} + {N(beta)}))",
        HardSwish => $"{x} * ({x} <= -3 ? 0d : {x} >= 3 ? 1d : {x} / 6 + 0.5)",
        Swish { Alpha: var alpha } => $"{x} * ({Sigmoid($"({N(alpha)} * {x})")})",
        IR.Ops.Softplus => Softplus(x),
        Softsign => $"{x} / (1d + Math.Abs({x}))",
        Mish => $"{x} * Elementary.Tanh({Softplus(x)})",
        Gelu { Approximate: GeluFormula.Tanh } =>
            $"0.5 * {x} * (1d + Elementary.Tanh(0.7978845608028654 * ({x} + 0.044715 * {x} * {x} * {x})))",
        Gelu => $"0.5 * {x} * (1d + Elementary.Erf({x} * 0.7071067811865476))",
        Shrink { Bias: var bias, Lambd: var lambd } => $"({x} < {N(-lambd)} ? {x} + {N(bias)} : {x} > {N(lambd)} ? {x} - {N(bias)} : 0d)",
        _ => null,
    };

    private static string Sigmoid(string x) => $"1d / (1d + Elementary.Exp(-{x}))";

    private static string Softplus(string x) => $"(Math.Max({x}, 0d) + Elementary.Log1p(Elementary.Exp(-Math.Abs({x}))))";

    private static string N(double value) => CSharpTypes.Enclosed(CSharpTypes.Literal(DType.Float64, value));

    // A greatest value below the least one wins.
    private static string Clipped(ElementNode node)
    {
        string result = node.X[0]!;
        if (node.Has(1)) result = $"Math.Max({result}, {node.X[1]})";
        return node.Has(2) ? $"Math.Min({result}, {node.X[2]})" : result;
    }
}
