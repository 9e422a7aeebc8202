using System.Collections.Immutable;

namespace Nncc.Passes.Rules;

// Questions about values of the graph and about constants.
public sealed partial class RuleFunctions
{
    private static IEnumerable<RuleFunction> OfValues =>
    [
        new("absent", "x", "whether the operand is absent", c => c.Arguments[0] is null),
        new("constant", "xs...", "whether all that are given are constant", c => Constants(c)),
        new("single-use", "x", "whether the value has one use and is no output of the graph", c => c.Operand(0) is { } x
            ? x.Id < 0 || (c.Plan.Edit.UseCount(x.Id) == 1 && !c.Plan.Edit.IsOutput(x.Id)) ? true
                : c.False($"it has {c.Plan.Edit.UseCount(x.Id)} uses{(c.Plan.Edit.IsOutput(x.Id) ? " and is an output" : "")}")
                    : c.Failure),
        new("dtype", "x", "element type of x, as its ONNX number", c => c.Operand(0) is { } x
            ? x.DType == DType.Unknown ? c.Because($"the element type of {x} is not known") : Dim.Of((int)x.DType) : c.Failure),
        new("dtype-named", "name", "the element type of a name such as \"f32\"", c => c.Arguments[0] is string name
            && DTypes.Parse(name) is { } t
            ? Dim.Of((int)t) : c.Because($"{RuleValues.Show(c.Arguments[0])} is no element type")),
        new("holds-all", "t u", "whether element type t holds every value of element type u", c => c.Int(0) is { } t && c.Int(1) is { } u
            ? HoldsAll((DType)t, (DType)u) : c.Failure),
        new("is-float", "x", "whether x holds f16, bf16, f32 or f64", c => OfKind(c, d => d.IsArithmeticFloat())),
        new("is-integer", "x", "whether x holds integers", c => OfKind(c, d => d.IsInteger())),
        new("is-signed", "x", "whether x holds signed integers", c => OfKind(c, d => d.IsSigned())),
        new("is-bool", "x", "whether x holds truth values", c => OfKind(c, d => d == DType.Bool)),
        new("same-type", "a b", "whether element types and shapes are proven equal", c => c.Operand(0) is { } a && c.Operand(1) is { } b
            ? (a.DType == b.DType && a.DType != DType.Unknown && AreSame(a.Shape, b.Shape)) || Differ(c, a, b) : c.Failure),
        new("same-shape", "a b", "whether shapes are proven equal", c => c.Operand(0) is { } a && c.Operand(1) is { } b
            ? AreSame(a.Shape, b.Shape) || Differ(c, a, b) : c.Failure),
        new("fills", "c value", "whether all elements of a constant are that number", c => c.Tensor(0) is { DType: not DType.String } t
            && c.Number(1) is { } number ? t.Count > 0
                && t.ToDoubles().All(e => e == number && double.IsNegative(e) == double.IsNegative(number)) : c.Failure),
        new("all-finite", "c", "whether no element is an infinity or NaN", c => c.Tensor(0) is { DType: not DType.String } t
            ? t.ToDoubles().All(double.IsFinite) : c.Failure),
        new("all-positive", "c", "whether all elements are above 0", c => c.Tensor(0) is { DType: not DType.String } t
            ? t.ToDoubles().All(e => e > 0) : c.Failure),
        new("all-nonnegative", "c", "whether no element is below 0", c => c.Tensor(0) is { DType: not DType.String } t
            ? t.ToDoubles().All(e => e >= 0) : c.Failure),
        new("number", "c", "the only element of a constant", c => c.Number(0) is { } number ? number : c.Failure),
        new("is-single", "n", "whether a number is one of 32 bits, as attributes are", c => c.Number(0) is { } number
            ? (float)number == number : c.Failure),
        new("like", "value x", "a scalar of the element type of x", c => c.Number(0) is { } number && c.Operand(1) is { } x
            ? RewritePlan.Constant(Tensor.FromDoubles(x.DType, [], [number])) : c.Failure),
        new("zeros", "sizes x", "a constant of zeros with the element type of x", c => c.Longs(0) is { } sizes && c.Operand(1) is { } x
            ? Filled(c, sizes, x.DType, 0) : c.Failure),
        new("ones", "sizes x", "a constant of ones with the element type of x", c => c.Longs(0) is { } sizes && c.Operand(1) is { } x
            ? Filled(c, sizes, x.DType, 1) : c.Failure),
        new("scaled", "a k", "the product, or absent where the first is", c => c.Arguments[0] is null ? null
            : c.Operand(0) is { } a && c.Operand(1) is { } k ? c.Plan.Apply(new IR.Ops.Mul(), [a, k], 1) : c.Failure),
        new("sqrt", "x", "square root of a value", c => c.Operand(0) is { } x ? c.Plan.Apply(new IR.Ops.Sqrt(), [x], 1) : c.Failure),
    ];

    // Of the plain types; narrower formats have no values beyond some bound, so that they are left alone.
    internal static bool HoldsAll(DType t, DType u) => t == u || (t, u) switch
    {
        (DType.Float64, DType.Float32 or DType.Float16 or DType.BFloat16) or (DType.Float32, DType.Float16 or DType.BFloat16) => true,
        (DType.Float64, _) => (u.IsInteger() && u.Bits() <= 32) || u == DType.Bool,
        (DType.Float32, _) => (u.IsInteger() && u.Bits() <= 16) || u == DType.Bool,
        _ when t.IsInteger() && u == DType.Bool => true,
        _ => t.IsInteger() && u.IsInteger() && t.Bits() > u.Bits() && (t.IsSigned() || u.IsUnsigned()),
    };

    private static object Constants(FunctionCall call)
    {
        foreach (object? argument in call.Arguments)
            if (argument is Operand { IsConstant: false } operand)
                return call.False(operand.Id >= 0 && call.Plan.Edit[operand.Id] is var value
                    ? $"\"{value.Name}\" {(value.IsInput ? "is an input of the graph" : "is computed")} and not a constant"
                        : "it is computed");
        return true;
    }

    private static object OfKind(FunctionCall call, Func<DType, bool> kind) => call.Operand(0) is not { } x ? call.Failure
        : x.DType == DType.Unknown ? call.Because($"the element type of {x} is not known")
        : kind(x.DType) ? true : call.False($"it is {x.Type}");

    private static object? Filled(FunctionCall call, long[] sizes, DType dtype, double item)
    {
        const long most = 1 << 24;
        if (sizes.Any(s => s < 0) || sizes.Aggregate(1.0, (a, b) => a * b) > most) return call.Because("the constant is too large");
        double[] items = new double[sizes.Aggregate(1L, (a, b) => a * b)];
        Array.Fill(items, item);
        return RewritePlan.Constant(Tensor.FromDoubles(dtype, sizes, items));
    }

    private static bool AreSame(Shape? a, Shape? b) => a is not null && b is not null && a.Rank == b.Rank
        && a.Dims.Zip(b.Dims).All(p => Dim.AreEqual(p.First, p.Second) == Answer.Yes);

    private static bool Differ(FunctionCall call, Operand a, Operand b)
    {
        call.Because($"{a.Type} and {b.Type}");
        return false;
    }
}
