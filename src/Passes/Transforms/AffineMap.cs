using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Passes.Rules;

namespace Nncc.Passes.Transforms;

/// <summary>A value times a constant plus a constant, element by element.</summary>
/// <param name="Value">The value.</param>
/// <param name="Result">What the node that says so is replaced with once the weights have taken it in.</param>
/// <param name="Factor">A factor for each element, as f64.</param>
/// <param name="Summand">A summand for each element, as f64.</param>
internal sealed record AffineMap(int Value, int Result, Tensor Factor, Tensor Summand)
{
    // Elements that a map may have; each is looked at.
    private const long SizeLimit = 1 << 20;

    /// <summary>What a product, sum, difference, quotient or batch norm with constants means; null for other nodes.</summary>
    public static AffineMap? Of(GraphEdit edit, Node node, OpRegistry ops)
    {
        if (node.Op is not (Mul or Add or Sub or Div or BatchNormalization)) return null;
        int at = node.Op is Mul or Add && edit.Constant(node.Inputs[0]) is not null ? 1 : 0;
        int value = node.Inputs[at];
        if (edit[value].Type is not TensorType { Shape: { } shape } type || !type.DType.IsArithmeticFloat()
            || !edit[node.Outputs[0]].Type.Equals(type) || shape.ToStatic() is not { } dims
            || dims.Aggregate(1.0, (a, b) => a * b) is 0 or > SizeLimit) return null;
        // k exp(x) = exp(x + log k)
        var exp = node.Op is Mul && edit.UseCount(value) == 1 && !edit.IsOutput(value) && edit.Producer(value) is { Op: Exp } found
            ? found : null;
        if (!IsMovement(edit.Producer(exp?.Inputs[0] ?? value)?.Op)) return null;
        var constants = node.Inputs.Where((_, i) => i != at).Select(edit.Constant).ToList();
        if (constants.Any(c => c is null)) return null;
        var plan = new RewritePlan(edit, ops);
        Tensor? Apply(Op op, params Tensor?[] operands) => operands.Any(o => o is null) ? null
            : (plan.Apply(op, [.. operands.Select(o => (Operand?)RewritePlan.Constant(o!))], 1) as Operand)?.Constant;
        Tensor? Wide(Tensor? tensor) => Apply(new Expand(), Apply(new Cast(DType.Float64), tensor), Tensor.Vector(dims));
        Tensor? Along(Tensor? tensor) => Apply(new Reshape(), tensor, Tensor.Vector([-1, .. dims[2..].Select(_ => 1L)]));
        Tensor one = Tensor.FromDoubles(DType.Float64, [], [1]), zero = Tensor.FromDoubles(DType.Float64, [], [0]);
        var (factor, summand) = node.Op switch
        {
            Mul => (constants[0], zero),
            Div => (Apply(new Div(), one, Apply(new Cast(DType.Float64), constants[0])), zero),
            Add => (one, constants[0]),
            Sub => (one, Apply(new Neg(), constants[0])),
            BatchNormalization norm when constants.Count == 4 && node.Outputs.Length == 1 && dims.Length > 1 => Normal(norm),
            _ => (null, null),
        };
        if (Wide(factor) is not { } f || Wide(summand) is not { } s || f.ToDoubles().Concat(s.ToDoubles()).Any(d => !double.IsFinite(d)))
            return null;
        if (exp is null) return new AffineMap(value, value, f, s);
        return f.ToDoubles().All(k => k > 0) ? new AffineMap(exp.Inputs[0], value, Wide(one)!, Apply(new Log(), f)!) : null;

        (Tensor?, Tensor?) Normal(BatchNormalization norm)
        {
            var wide = constants.Select(c => Apply(new Cast(DType.Float64), c)).ToList();
            var deviation = Apply(new Sqrt(), Apply(new Add(), wide[3], Tensor.FromDoubles(DType.Float64, [], [norm.Epsilon])));
            var k = Apply(new Div(), wide[0], deviation);
            return (Along(k), Along(Apply(new Sub(), wide[1], Apply(new Mul(), wide[2], k))));
        }
    }

    private static bool IsMovement(Op? op) => op is Reshape or Flatten or Squeeze or Unsqueeze or Transpose or Split or Concat;
}
