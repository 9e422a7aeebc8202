using Nncc.IR.Ops;

namespace Nncc.Backends.CSharp;

/// <summary>
/// The C# expression of each elementwise op: what kernels print for a node of an epilogue. An op that has an expression here is elementwise
/// for the C# backend.
/// </summary>
internal static class ElementwiseCode
{
    /// <summary>Whether the op maps elements to elements here.</summary>
    public static bool IsElementwise(Op op) => Expression(op, Names(8), DType.Float32, DType.Float32) is not null
        || op is Cast or Where or And or Or or Xor or Not or Equal or Less or LessOrEqual or Greater or GreaterOrEqual or IsNaN or IsInf;

    /// <summary>Whether the expression stands for vectors of binary32 as well as for scalars.</summary>
    public static bool HasVectors(Op op) => op is Add or Sub or Mul or Div or Min or Max or Sum or Mean or Neg or Abs or Sqrt or Reciprocal or Floor or Ceil
        or Round or Exp or Log or Tanh or Erf or Sigmoid or Softplus or Relu or LeakyRelu or PRelu or Elu or HardSigmoid or HardSwish or Mish or Gelu
        or Softsign or ThresholdedRelu or Clip or BatchNormalization or Identity or Dropout;

    /// <summary>
    /// The expression for operands given as C# text (all of the same type, but for Cast, Where, comparisons and BitShift); null where the op has
    /// none for the type. An absent operand is null.
    /// </summary>
    public static string? Expression(Op op, IReadOnlyList<string?> x, DType from, DType to) =>
        from == DType.Float32 && to == DType.Float32 ? Float(op, x) : Scalar(op, x, from, to);

    private static string? Float(Op op, IReadOnlyList<string?> x) => op switch
    {
        Add => $"{x[0]} + {x[1]}",
        Sub => $"{x[0]} - {x[1]}",
        Mul => $"{x[0]} * {x[1]}",
        Div => $"{x[0]} / {x[1]}",
        Sum => Chain(x, (a, b) => $"{a} + {b}"),
        Mean => $"({Chain(x, (a, b) => $"{a} + {b}")}) / {F(x.Count(n => n is not null))}",
        Max => Chain(x, (a, b) => $"Max({a}, {b})"),
        Min => Chain(x, (a, b) => $"Min({a}, {b})"),
        Neg => $"-{x[0]}",
        Abs or Sqrt or Floor or Exp or Log or Tanh or Erf or Sigmoid or Softplus => $"{op.Name}({x[0]})",
        Ceil => $"Ceiling({x[0]})",
        Round => $"RoundEven({x[0]})",
        Reciprocal => $"{F(1)} / {x[0]}",
        Identity or Dropout => x[0],
        Relu => $"AtLeast({F(0)}, {x[0]})",
        LeakyRelu { Alpha: var alpha } => $"IfLess({x[0]}, {F(0)}, {x[0]} * {F(alpha)}, {x[0]})",
        PRelu => $"IfLess({x[0]}, {F(0)}, {x[0]} * {x[1]}, {x[0]})",
        Elu { Alpha: var alpha } => $"IfLess({x[0]}, {F(0)}, {F(alpha)} * (Exp({x[0]}) - {F(1)}), {x[0]})",
        ThresholdedRelu { Alpha: var alpha } => $"IfLess({F(alpha)}, {x[0]}, {x[0]}, {F(0)})",
        HardSigmoid { Alpha: var alpha, Beta: var beta } => $"AtMost({F(1)}, AtLeast({F(0)}, MulAdd({x[0]}, {F(alpha)}, {F(beta)})))",
        HardSwish => $"{x[0]} * AtMost({F(1)}, AtLeast({F(0)}, MulAdd({x[0]}, {F(1f / 6)}, {F(0.5)})))",
        Softsign => $"{x[0]} / ({F(1)} + Abs({x[0]}))",
        Mish => $"{x[0]} * Tanh(Softplus({x[0]}))",
        Gelu { Approximate: GeluFormula.Tanh } =>
            $"{F(0.5)} * {x[0]} * ({F(1)} + Tanh({F(0.79788456080286535)} * MulAdd({x[0]} * {x[0]} * {x[0]}, {F(0.044715)}, {x[0]})))",
        Gelu => $"{F(0.5)} * {x[0]} * ({F(1)} + Erf({x[0]} * {F(0.70710678118654752)}))",
        Clip => Bound(x),
        BatchNormalization { Epsilon: var epsilon } => $"MulAdd({x[0]} - {x[3]}, {x[1]} / Sqrt({x[4]} + {F(epsilon)}), {x[2]})",
        Sin or Cos or Tan or Asin or Acos or Atan or Sinh or Cosh or Asinh or Acosh or Atanh => $"(float)Elementary.{op.Name}({x[0]})",
        Pow => $"(float)Elementary.Pow({x[0]}, {x[1]})",
        Sign => $"({x[0]} > 0f ? 1f : {x[0]} < 0f ? -1f : {x[0]})",
        Mod { Fmod: true } => $"({x[0]} % {x[1]})",
        _ => null,
    };

    private static string? Scalar(Op op, IReadOnlyList<string?> x, DType from, DType to)
    {
        string type = CSharpTypes.IsSupported(to) ? CSharpTypes.Name(to) : "?";
        bool isFloat = from is DType.Float64 or DType.Float32 or DType.Float16;
        string Cast(string expression) => $"({type})({expression})";
        return op switch
        {
            Add when from != DType.Bool => Cast($"{x[0]} + {x[1]}"),
            Sub => Cast($"{x[0]} - {x[1]}"),
            Mul => Cast($"{x[0]} * {x[1]}"),
            Div => Cast($"{x[0]} / {x[1]}"),
            Sum => Cast(Chain(x, (a, b) => $"{a} + {b}")),
            Max => Chain(x, (a, b) => $"{(isFloat ? "Math.Max" : "Math.Max")}({a}, {b})"),
            Min => Chain(x, (a, b) => $"Math.Min({a}, {b})"),
            Neg => Cast($"-{x[0]}"),
            Abs => from.IsUnsigned() ? x[0] : isFloat ? $"Math.Abs({x[0]})" : Cast($"{x[0]} < 0 ? -{x[0]} : {x[0]}"),
            Sign => Cast($"{x[0]} > 0 ? 1 : {x[0]} < 0 ? -1 : 0"),
            Mod { Fmod: true } => Cast($"{x[0]} % {x[1]}"),
            Mod => Cast($"{x[0]} % {x[1]} + ({x[0]} % {x[1]} != 0 && ({x[0]} % {x[1]} < 0) != ({x[1]} < 0) ? {x[1]} : 0)"),
            Relu => Cast($"{x[0]} < 0 ? 0 : {x[0]}"),
            Clip => Bound(x, "Math.Max", "Math.Min"),
            Identity or Dropout => x[0],
            IR.Ops.Cast => CastCode(x[0]!, from, to),
            Where => $"({x[0]} ? {x[1]} : {x[2]})",
            Not => $"!{x[0]}",
            And => $"({x[0]} & {x[1]})",
            Or => $"({x[0]} | {x[1]})",
            Xor => $"({x[0]} ^ {x[1]})",
            Equal => $"({x[0]} == {x[1]})",
            Less => $"({x[0]} < {x[1]})",
            LessOrEqual => $"({x[0]} <= {x[1]})",
            Greater => $"({x[0]} > {x[1]})",
            GreaterOrEqual => $"({x[0]} >= {x[1]})",
            IsNaN => $"({x[0]} != {x[0]})",
            _ when from == DType.Float64 && to == DType.Float64 => Double(op, x),
            _ => null,
        };
    }

    private static string? Double(Op op, IReadOnlyList<string?> x) => op switch
    {
        Sqrt => $"Math.Sqrt({x[0]})",
        Floor => $"Math.Floor({x[0]})",
        Ceil => $"Math.Ceiling({x[0]})",
        Round => $"Math.Round({x[0]})",
        Reciprocal => $"1d / {x[0]}",
        Sigmoid => $"1d / (1d + Elementary.Exp(-{x[0]}))",
        Exp or Log or Sin or Cos or Tan or Asin or Acos or Atan or Sinh or Cosh or Tanh or Asinh or Acosh or Atanh or Erf => $"Elementary.{op.Name}({x[0]})",
        Pow => $"Elementary.Pow({x[0]}, {x[1]})",
        _ => null,
    };

    // Conversion as ONNX has it: floats truncate towards zero, integers wrap, to bool is a comparison with zero.
    private static string CastCode(string x, DType from, DType to)
    {
        if (from == to) return x;
        if (to == DType.Bool) return from == DType.Float16 ? $"((float){x} != 0f)" : $"({x} != 0)";
        if (from == DType.Bool) return $"({CSharpTypes.Name(to)})({x} ? 1 : 0)";
        // Out-of-range conversions of floats go over 64 bits, so that they wrap alike on every machine.
        return (from is DType.Float32 or DType.Float64 or DType.Float16) && to.IsInteger() && to is not (DType.Int64 or DType.UInt64)
            ? $"unchecked(({CSharpTypes.Name(to)})(long){x})" : $"unchecked(({CSharpTypes.Name(to)}){x})";
    }

    private static string Bound(IReadOnlyList<string?> x, string atLeast = "AtLeast", string atMost = "AtMost")
    {
        string result = x[0]!;
        if (x.Count > 1 && x[1] is { } low) result = $"{atLeast}({low}, {result})";
        if (x.Count > 2 && x[2] is { } high) result = $"{atMost}({high}, {result})";
        return result;
    }

    private static string Chain(IReadOnlyList<string?> x, Func<string, string, string> join) => x.Where(n => n is not null).Aggregate((a, b) => join(a!, b!))!;

    /// <summary>A float constant of an expression; the dialect puts it into all lanes.</summary>
    public static string F(double value) => $"⟨{((float)value).ToString("R")}⟩";

    private static string[] Names(int count) => [.. Enumerable.Range(0, count).Select(i => $"x{i}")];
}
