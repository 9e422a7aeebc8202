using System.Collections.Immutable;

namespace Nncc.Passes.Rules;

// Shapes and axes.
public sealed partial class RuleFunctions
{
    private static IEnumerable<RuleFunction> OfShapes =>
    [
        new("rank", "x", "number of axes", c => c.Shape(0) is { } s ? Dim.Of(s.Rank) : c.Failure),
        new("shape", "x", "sizes of the axes", c => c.Shape(0) is { } s ? RuleValues.List(s.Dims) : c.Failure),
        new("size", "x axis", "size of an axis, which may count from the end", c => c.Shape(0) is { } s && c.Int(1) is { } axis
            ? Axis(axis, s.Rank) is { } at ? s[at] : c.Because($"{s} has no axis {axis}") : c.Failure),
        new("count", "x", "number of elements", c => c.Shape(0) is { } s ? s.Count : c.Failure),
        new("axes", "list rank", "axes counted from 0, ascending", c => c.Longs(0) is { } axes && c.Int(1) is { } rank
            ? Ascending(axes, rank) is { } list ? list : c.Because($"[{string.Join(", ", axes)}] are no axes of rank {rank}") : c.Failure),
        new("axes-of", "axes x", "the axes that a reduction or squeeze takes: all (or those of size 1) where none are given", c =>
            AxesOf(c)),
        new("without-axes", "sizes axes", "sizes but for those axes", c => c.Integers(0) is { } sizes && c.Longs(1) is { } axes
            ? RuleValues.List(sizes.Where((_, i) => !axes.Contains(i))) : c.Failure),
        new("with-axes", "sizes axes", "sizes with ones put in at those axes of the result", c => c.Integers(0) is { } sizes
            && c.Longs(1) is { } axes
            ? WithAxes(sizes, axes) is { } list ? list : c.Because("the axes do not fit") : c.Failure),
        new("per-axis", "k axis rank", "a vector along one axis of a rank, for broadcasting", c => c.Operand(0) is { } k
            && c.Int(1) is { } axis && c.Int(2) is { } rank && Axis(axis, rank) is { } at
            ? c.Plan.Apply(new IR.Ops.Reshape(), [k, RewritePlan.Constant(Tensor.Vector(
                [.. Enumerable.Range(0, rank).Select(i => i == at ? -1L : 1L)]))], 1) : c.Failure),
        new("axes-equal", "a b x", "whether given axes are those that b says of x, or all of size 1 where b is absent", c => AxesEqual(c)),
        new("is-per-channel", "a x", "whether a has one element for each channel (axis 1) of x, or one for all", c => c.Shape(0) is { } a
            && c.Shape(1) is { } x ? x.Rank > 1 && PerChannel(a, x) : c.Failure),
        new("channel-vector", "a x", "an operand with an element for each channel of x as a vector", c => ChannelVector(c)),
        new("is-along-last", "a x", "whether a has one element for each place of the last axis of x, or one for all", c =>
            c.Shape(0) is { } a
            && c.Shape(1) is { } x ? x.Rank > 0 && a.Rank <= x.Rank && a.Dims.SkipLast(1).All(d => d.Value == 1)
                && (a.Rank == 0 || a[^1].Value == 1 || Dim.AreEqual(a[^1], x[^1]) == Answer.Yes) : c.Failure),
        new("before-transpose", "a p", "an operand that broadcasts against a transpose by p, for use before it", c => BeforeTranspose(c)),
        new("pads-only-space", "pads x", "whether pads are not negative, and 0 for the first two axes of x", c => c.Longs(0) is { } p
            && c.Shape(1) is { } x ? x.Rank > 2 && p.Length == 2 * x.Rank && p.All(n => n >= 0)
                && p[0] == 0 && p[1] == 0 && p[x.Rank] == 0 && p[x.Rank + 1] == 0 : c.Failure),
        new("space-pads", "pads x", "the pads of all axes but the first two", c => c.Longs(0) is { } p && c.Shape(1) is { } x
            && p.Length == 2 * x.Rank ? RuleValues.List([.. p[2..x.Rank].Concat(p[(x.Rank + 2)..]).Select(Dim.Of)]) : c.Failure),
        new("product", "list", "product of integers", c => c.Integers(0) is { } list ? Dim.Product(list) : c.Failure),
        new("sum", "list", "sum of integers", c => c.Integers(0) is { } list ? list.Aggregate(Dim.Of(0), (a, b) => a + b) : c.Failure),
        new("is-static", "x", "whether all sizes are numbers", c => c.Shape(0) is { } s ? s.IsStatic : c.Failure),
    ];

    private static object? BeforeTranspose(FunctionCall call)
    {
        if (call.Operand(0) is not { } a || call.Shape(0) is not { } shape || call.Longs(1) is not { } p) return call.Failure;
        if (shape.Rank > p.Length) return call.Because($"{shape} has more axes than the transpose");
        if (shape.Dims.All(d => d.Value == 1)) return a;
        if (!shape.IsStatic) return call.Because($"{shape} is not known");
        long[] sizes = [.. Enumerable.Repeat(1L, p.Length - shape.Rank), .. shape.ToStatic()!];
        var order = Enumerable.Range(0, p.Length).Select(i => (long)Array.IndexOf(p, i)).ToEquatable();
        object wide = call.Plan.Apply(new IR.Ops.Reshape(), [a, RewritePlan.Constant(Tensor.Vector(sizes))], 1);
        return wide is Operand operand ? call.Plan.Apply(new IR.Ops.Transpose(order), [operand], 1) : wide;
    }

    private static object AxesEqual(FunctionCall call)
    {
        if (call.Longs(0) is not { } given || call.Shape(2) is not { } shape) return call.Failure;
        long[]? expected = call.Arguments[1] is null
            ? [.. Enumerable.Range(0, shape.Rank).Where(i => shape[i].Value == 1).Select(i => (long)i)]
            : call.Longs(1);
        if (expected is null) return call.Failure;
        int rank = call.Arguments[1] is null ? shape.Rank : shape.Rank + given.Length;
        return Ascending(given, rank) is { } a && Ascending(expected, rank) is { } b && RuleValues.AreEqual(a, b) == Answer.Yes;
    }

    // Broadcast against [n, c, ...]: sizes of 1 everywhere but at the channels.
    private static bool PerChannel(Shape a, Shape x) => a.Rank <= x.Rank && Enumerable.Range(0, a.Rank).All(i =>
        a[i].Value == 1 || (i + x.Rank - a.Rank == 1 && Dim.AreEqual(a[i], x[1]) == Answer.Yes));

    private static object? ChannelVector(FunctionCall call)
    {
        if (call.Operand(0) is not { } a || call.Shape(1) is not { Rank: > 1 } x) return call.Failure;
        if (x[1].Value is not { } channels) return call.Because("the number of channels is not known");
        var plan = call.Plan;
        object flat = plan.Apply(new IR.Ops.Reshape(), [a, RewritePlan.Constant(Tensor.Vector(-1L))], 1);
        return flat is Operand vector ? plan.Apply(new IR.Ops.Expand(), [vector, RewritePlan.Constant(Tensor.Vector(channels))], 1) : flat;
    }

    private static int? Axis(int axis, int rank) => axis < -rank || axis >= rank ? null : axis < 0 ? axis + rank : axis;

    private static ImmutableArray<object?>? Ascending(long[] axes, int rank)
    {
        var normal = axes.Select(a => a < int.MinValue || a > int.MaxValue ? null : Axis((int)a, rank)).ToList();
        return normal.Any(a => a is null) || normal.Distinct().Count() != normal.Count ? null
            : RuleValues.List(normal.Order().Select(a => Dim.Of(a!.Value)));
    }

    private static object? AxesOf(FunctionCall call)
    {
        if (call.Shape(1) is not { } shape) return call.Failure;
        if (call.Arguments[0] is null) return RuleValues.List(Enumerable.Range(0, shape.Rank).Select(i => Dim.Of(i)));
        if (call.Longs(0) is not { } axes) return call.Failure;
        return Ascending(axes, shape.Rank) is { } list ? list : call.Because("the axes do not fit");
    }

    private static ImmutableArray<object?>? WithAxes(ImmutableArray<Dim> sizes, long[] axes)
    {
        int rank = sizes.Length + axes.Length, next = 0;
        if (Ascending(axes, rank) is not { } at) return null;
        var set = at.Select(a => ((Dim)a!).Value!.Value).ToHashSet();
        return RuleValues.List(Enumerable.Range(0, rank).Select(i => set.Contains(i) ? Dim.Of(1) : sizes[next++]));
    }
}
