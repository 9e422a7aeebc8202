using System.Collections.Immutable;

namespace Nncc.Passes.Rules;

// Weights of convolutions and products, and the padding in front of them.
public sealed partial class RuleFunctions
{
    private static IEnumerable<RuleFunction> OfFilters =>
    [
        new("per-group", "k w group",
            "k, which has an item for each second axis of w in each group, for broadcasting against w, whose first axis is cut into groups",
            c => PerGroup(c)),
        new("last-vector", "a x", "an operand with an element for each place of the last axis of x, or one for all, as a vector", c =>
            LastVector(c)),
        new("full-pads", "pads axes x", "pads of all axes of x: those at the starts, then those at the ends", c => FullPads(c)),
        new("all-below", "list other", "whether each item is less than the one of the other list", c => c.Longs(0) is { } a
            && c.Longs(1) is { } b ? a.Length == b.Length && a.Zip(b).All(p => p.First < p.Second) : c.Failure),
        new("all-at-least", "list value", "whether no item is less than that", c => c.Longs(0) is { } a && c.Int(1) is { } b
            ? a.All(item => item >= b) : c.Failure),
        new("all-zero", "c", "whether all elements of a constant are 0, of either sign", c => c.Tensor(0) is { DType: not DType.String } t
            ? AllZero(c, t) : c.Failure),
        new("no-zero", "c", "whether no element of a constant is 0", c => c.Tensor(0) is { DType: not DType.String } t
            ? t.ToDoubles().All(item => item != 0) : c.Failure),
        new("is-lowest", "c", "whether the only element of a constant is the lowest of its type", c =>
            c.Number(0) is { } number && c.Operand(0) is { } x ? number <= Lowest(x.DType) : c.Failure),
        new("quotient", "a k", "the quotient, or absent where the first is", c => c.Arguments[0] is null ? null
            : c.Operand(0) is { } a && c.Operand(1) is { } k ? c.Plan.Apply(new IR.Ops.Div(), [a, k], 1) : c.Failure),
        new("smaller", "a b", "the smaller of two numbers", c => c.Number(0) is { } a && c.Number(1) is { } b ? Math.Min(a, b) : c.Failure),
        new("larger", "a b", "the larger of two numbers", c => c.Number(0) is { } a && c.Number(1) is { } b ? Math.Max(a, b) : c.Failure),
        new("copied-sizes", "y x", "the shape of y as sizes for a reshape of x: 0 copies one from x, -1 is what remains", c =>
            CopiedSizes(c)),
    ];

    private static object AllZero(FunctionCall call, Tensor tensor) => tensor.ToDoubles().All(item => item == 0) ? true
        : call.False("what it adds is not 0");

    // Of floats only the infinity: a finite number may stand beside one in a maximum.
    private static double Lowest(DType dtype) => dtype switch
    {
        DType.Int8 => sbyte.MinValue, DType.UInt8 => 0, _ => double.NegativeInfinity,
    };

    private static object PerGroup(FunctionCall call)
    {
        if (call.Operand(0) is not { } k || call.Shape(1) is not { } w || call.Int(2) is not { } groups) return call.Failure;
        if (w.ToStatic() is not { } dims || dims.Length < 2 || groups < 1 || dims[0] % groups != 0)
            return call.Because($"{w} are no weights of {groups} groups");
        object Apply(Op op, object value, params long[] sizes) => value is Operand operand
            ? call.Plan.Apply(op, [operand, RewritePlan.Constant(Tensor.Vector(sizes))], 1) : value;
        object parted = Apply(new IR.Ops.Reshape(), k, groups, 1, dims[1]);
        object wide = Apply(new IR.Ops.Expand(), parted, groups, dims[0] / groups, dims[1]);
        return Apply(new IR.Ops.Reshape(), wide, [dims[0], dims[1], .. dims[2..].Select(_ => 1L)]);
    }

    private static object LastVector(FunctionCall call)
    {
        if (call.Operand(0) is not { } a || call.Shape(1) is not { Rank: > 0 } x) return call.Failure;
        if (x[^1].Value is not { } size) return call.Because("the size of the last axis is not known");
        object flat = call.Plan.Apply(new IR.Ops.Reshape(), [a, RewritePlan.Constant(Tensor.Vector(-1L))], 1);
        return flat is Operand vector
            ? call.Plan.Apply(new IR.Ops.Expand(), [vector, RewritePlan.Constant(Tensor.Vector(size))], 1) : flat;
    }

    private static object FullPads(FunctionCall call)
    {
        if (call.Longs(0) is not { } pads || call.Shape(2) is not { Rank: var rank }) return call.Failure;
        if (pads.Length % 2 != 0 || SliceBounds.AxesOf(call, 1, pads.Length / 2, rank) is not { } axes)
            return call.Because("the pads do not fit the axes");
        long[] full = new long[2 * rank];
        for (int i = 0; i < axes.Length; i++) (full[axes[i]], full[rank + axes[i]]) = (pads[i], pads[axes.Length + i]);
        return Numbers(full);
    }

    // A size that is no number must stand at the same place in x, but for one.
    private static object CopiedSizes(FunctionCall call)
    {
        if (call.Shape(0) is not { } y || call.Shape(1) is not { } x) return call.Failure;
        bool hasRest = false;
        var sizes = ImmutableArray.CreateBuilder<object?>(y.Rank);
        for (int i = 0; i < y.Rank; i++)
        {
            if (y[i].Value is { } size and not 0) sizes.Add(Dim.Of(size));
            else if (i < x.Rank && Dim.AreEqual(x[i], y[i]) == Answer.Yes) sizes.Add(Dim.Of(0));
            else if (hasRest || y[i].Value == 0) return call.Because($"{y} is not known well enough");
            else
            {
                hasRest = true;
                sizes.Add(Dim.Of(-1));
            }
        }
        // An axis of size 0 elsewhere would leave the remainder open.
        return hasRest && y.Dims.Where((_, i) => sizes[i] is Dim { Value: 0 }).Any(d => Dim.IsAtMost(1, d) != Answer.Yes)
            ? call.Because("a size that is copied may be 0") : sizes.MoveToImmutable();
    }
}
