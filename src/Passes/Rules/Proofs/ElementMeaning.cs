using System.Collections.Immutable;
using Nncc.IR.Ops;

namespace Nncc.Passes.Rules.Proofs;

/// <summary>
/// What ops that work element by element mean as normal forms. Those that are not written out here are functions of which only the name and
/// the attributes are known.
/// </summary>
/// <param name="table">The numbers.</param>
internal sealed class ElementMeaning(NumberTable table)
{
    // Ops that give an element for the elements at the same place, and of which nothing more is used.
    private static readonly ImmutableHashSet<string> Unknown =
    [
        "Acos", "Acosh", "And", "Asin", "Asinh", "Atan", "Atanh", "BitShift", "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor",
        "Ceil", "Celu", "Cos", "Cosh", "Elu", "Equal", "Erf", "Floor", "Greater", "GreaterOrEqual", "IsInf", "IsNaN", "Less", "LessOrEqual",
        "Log", "Mod", "Not", "Or", "Pow", "Round", "Selu", "Shrink", "Sign", "Sin", "Sinh", "Softplus", "Softsign", "Tan", "Tanh",
        "ThresholdedRelu", "Where", "Xor",
    ];

    private static readonly ImmutableHashSet<string> Symmetric =
        ["And", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Equal", "Or", "Xor"];

    /// <summary>Whether an op works element by element.</summary>
    public static bool Knows(Op op) => op.Domain.Length == 0 && (Unknown.Contains(op.Name) || op is Add or Sub or Mul or Div or Neg
        or Reciprocal or Sqrt or Exp or Abs or Relu or Max or Min or Sum or Mean or Clip or Sigmoid or Swish or Mish or LeakyRelu or PRelu
        or HardSigmoid or HardSwish or Gelu);

    /// <summary>The element that such an op gives for elements; -1 stands for an absent operand.</summary>
    public int Of(Op op, ReadOnlySpan<int> x)
    {
        switch (op)
        {
            case Add: return table.Add(x[0], x[1]);
            case Sub: return table.Subtract(x[0], x[1]);
            case Mul: return table.Multiply(x[0], x[1]);
            case Div: return table.Divide(x[0], x[1]);
            case Neg: return table.Negate(x[0]);
            case Reciprocal: return table.Inverse(x[0]);
            case Sqrt: return table.Sqrt(x[0]);
            case Exp: return table.Exp(x[0]);
            case Abs: return table.Max(x[0], table.Negate(x[0]));
            case Relu: return table.Max(x[0], NumberTable.Zero);
            case Max: return table.Max(x);
            case Min: return Fold(x, table.Min);
            case Sum: return Fold(x, table.Add);
            case Mean: return table.Multiply(Fold(x, table.Add), table.Of(1.0 / x.Length));
            case Clip:
                int floor = x.Length > 1 && x[1] >= 0 ? table.Max(x[0], x[1]) : x[0];
                return x.Length > 2 && x[2] >= 0 ? table.Min(floor, x[2]) : floor;
            case Sigmoid: return Logistic(x[0]);
            case Swish swish: return table.Multiply(x[0], Logistic(table.Multiply(table.Of(swish.Alpha), x[0])));
            case Mish: return table.Multiply(x[0], table.Apply("Tanh", table.Apply("Softplus", x[0])));
            case LeakyRelu leaky: return Leaky(x[0], table.Of(leaky.Alpha));
            case PRelu: return Leaky(x[0], x[1]);
            case HardSigmoid hard: return HardLogistic(x[0], hard.Alpha, hard.Beta);
            case HardSwish: return table.Multiply(x[0], HardLogistic(x[0], 1.0 / 6, 0.5));
            case Gelu gelu: return GaussianUnit(x[0], gelu.Approximate);
            case Pow when table[x[1]].Value is { } power && Power(x[0], power) is { } known: return known;
            case Not when Inner(x[0], "Not") is { } inner: return inner;
        }
        // Records print their attributes.
        int[] arguments = Symmetric.Contains(op.Name) ? [.. x.ToArray().Order()] : x.ToArray();
        return table.Apply(HasAttributes(op) ? $"{op}" : op.Name, [.. arguments]);
    }

    private static bool HasAttributes(Op op) => op is Celu or Elu or IsInf or BitShift or Mod or Selu or Shrink or ThresholdedRelu;

    private int Fold(ReadOnlySpan<int> x, Func<int, int, int> combine)
    {
        int result = x[0];
        foreach (int next in x[1..]) result = combine(result, next);
        return result;
    }

    private int Logistic(int x) => table.Inverse(table.Add(table.Of(1), table.Exp(table.Negate(x))));

    private int Leaky(int x, int slope) =>
        table.Add(table.Max(x, NumberTable.Zero), table.Multiply(slope, table.Min(x, NumberTable.Zero)));

    private int HardLogistic(int x, double alpha, double beta) =>
        table.Max(NumberTable.Zero, table.Min(table.Of(1), table.Add(table.Multiply(table.Of(alpha), x), table.Of(beta))));

    private int GaussianUnit(int x, GeluFormula formula)
    {
        int half = table.Multiply(table.Of(0.5), x);
        if (formula == GeluFormula.None)
            return table.Multiply(half, table.Add(table.Of(1), table.Apply("Erf", table.Multiply(x, table.Of(1 / Math.Sqrt(2))))));
        int cube = table.Multiply(table.Of(0.044715), table.Power(x, 3));
        return table.Multiply(half, table.Add(table.Of(1),
            table.Apply("Tanh", table.Multiply(table.Of(Math.Sqrt(2 / Math.PI)), table.Add(x, cube)))));
    }

    private int? Power(int x, double power)
    {
        if (power == Math.Round(power) && Math.Abs(power) <= 8) return table.Power(x, (int)power);
        return power switch { 0.5 => table.Sqrt(x), -0.5 => table.Inverse(table.Sqrt(x)), _ => null };
    }

    private int? Inner(int x, string function) => table[x].Atom is >= 0 and var atom && table.AtomOf(atom) is var known
        && known.Function.StartsWith(function, StringComparison.Ordinal) && known.Arguments.Length == 1 ? known.Arguments[0] : null;
}
