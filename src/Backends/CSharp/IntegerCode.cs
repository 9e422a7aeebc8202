using Nncc.IR.Ops;

namespace Nncc.Backends.CSharp;

/// <summary>
/// Expressions of elementwise ops on integers, which wrap. Division by zero throws; the quotient of the least number by -1 wraps too.
/// </summary>
internal static class IntegerCode
{
    /// <summary>The expression; null where there is none.</summary>
    public static string? Expression(ElementNode node)
    {
        var x = node.X;
        var type = node.Types[0];
        bool unsigned = type.IsUnsigned();
        return node.Op switch
        {
            Add => Wrap($"{x[0]} + {x[1]}"),
            Sub => Wrap($"{x[0]} - {x[1]}"),
            Mul => Wrap($"{x[0]} * {x[1]}"),
            Sum => Wrap(node.Chain((a, b) => $"{a} + {b}")),
            Div => $"Numbers.Divide({x[0]}, {x[1]}, {ElementwiseCode.Place})",
            Mod { Fmod: true } => $"Numbers.Remainder({x[0]}, {x[1]}, {ElementwiseCode.Place})",
            Mod => $"Numbers.Modulo({x[0]}, {x[1]}, {ElementwiseCode.Place})",
            Pow when node.Types[1].IsInteger() =>
                Wrap($"Numbers.Power(unchecked((long){x[0]}), unchecked((long){x[1]}), {ElementwiseCode.Place})"),
            Pow => CastCode.Expression($"Elementary.Pow({x[0]}, (double){x[1]})", DType.Float64, type),
            Max => node.Chain((a, b) => $"Math.Max({a}, {b})"),
            Min => node.Chain((a, b) => $"Math.Min({a}, {b})"),
            Neg => Wrap(unsigned ? $"0 - {x[0]}" : $"-{x[0]}"),
            Abs => unsigned ? x[0] : Wrap($"{x[0]} < 0 ? -{x[0]} : {x[0]}"),
            Sign => Wrap(unsigned ? $"{x[0]} != 0 ? 1 : 0" : $"{x[0]} > 0 ? 1 : {x[0]} < 0 ? -1 : 0"),
            Relu => unsigned ? x[0] : Wrap($"{x[0]} < 0 ? 0 : {x[0]}"),
            PRelu => unsigned ? x[0] : Wrap($"{x[0]} < 0 ? {x[0]} * {x[1]} : {x[0]}"),
            Clip => Clipped(node),
            BitwiseAnd => Wrap($"{x[0]} & {x[1]}"),
            BitwiseOr => Wrap($"{x[0]} | {x[1]}"),
            BitwiseXor => Wrap($"{x[0]} ^ {x[1]}"),
            BitwiseNot => Wrap($"~{x[0]}"),
            BitShift { Direction: var direction } => Wrap($"Numbers.Shift{direction}({x[0]}, {x[1]})"),
            Erf => CastCode.Expression($"Elementary.Erf({x[0]})", DType.Float64, type),
            Shrink => CastCode.Expression(Float64Code.Expression(node with { X = [$"((double){x[0]})"] })!, DType.Float64, type),
            _ => null,
        };

        string Wrap(string expression) => $"unchecked(({CSharpTypes.Name(type)})({expression}))";
    }

    // A greatest value below the least one wins.
    private static string Clipped(ElementNode node)
    {
        string result = node.X[0]!;
        if (node.Has(1)) result = $"Math.Max({result}, {node.X[1]})";
        return node.Has(2) ? $"Math.Min({result}, {node.X[2]})" : result;
    }
}
