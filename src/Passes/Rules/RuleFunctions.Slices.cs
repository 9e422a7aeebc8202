using System.Collections.Immutable;

namespace Nncc.Passes.Rules;

// Slices, and parts of what is joined.
public sealed partial class RuleFunctions
{
    private static IEnumerable<RuleFunction> OfSlices =>
    [
        new("merged-slices", "x starts ends axes steps starts2 ends2 axes2 steps2",
            "starts, ends, axes and steps of one slice of x that does what two do, the second after the first", c => MergedSlices(c)),
        new("slice-in-part", "parts axis starts ends axes steps",
            "for a slice of parts joined along an axis that lies in one part: its number, starts, ends, axes and steps there", c =>
            SliceOfParts(c) is not var (bounds, starts) ? c.Failure : InPart(c, bounds, starts)),
        new("sliced-parts", "parts axis starts ends axes steps",
            "the parts that a slice of parts joined along an axis takes whole; a slice of another axis, or of less, has none", c =>
            SliceOfParts(c) is not var (bounds, starts) ? c.Failure : WholeParts(c, bounds, starts)),
        new("slice-starts", "x starts ends axes steps", "where a slice of x starts in each axis", c => c.Shape(0) is not { } shape
            ? c.Failure : SliceBounds.Read(c, shape, 1) is { } bounds ? RuleValues.List(bounds.Starts.Select(Dim.Of)) : c.Failure),
        new("slice-axes", "axes starts rank", "the axes of a slice in their order, counted from 0", c =>
            c.Longs(1) is { } starts && c.Int(2) is { } rank ? SliceBounds.AxesOf(c, 0, starts.Length, rank) is { } axes
                ? Numbers(axes.Select(a => (long)a)) : c.Failure : c.Failure),
    ];

    private static object MergedSlices(FunctionCall call)
    {
        if (call.Shape(0) is not { } shape || SliceBounds.Read(call, shape, 1) is not { } first
            || SliceBounds.Read(call, first.Of(shape), 5) is not { } second) return call.Failure;
        var both = first.Then(second);
        return both is null ? call.Because("a slice that runs backwards is not merged") : both.Lists();
    }

    // The bounds of a slice of what the parts are joined to, and where each part starts; the end is the last of these.
    private static (SliceBounds, long[])? SliceOfParts(FunctionCall call)
    {
        if (call.List(0) is not { } parts || call.Int(1) is not { } axis) return null;
        var starts = new List<long> { 0 };
        Shape? whole = null;
        foreach (var part in parts)
        {
            if (part is not Operand { Shape: { } shape } || axis >= shape.Rank || shape[axis].Value is not { } size)
            {
                call.Because("the sizes of the parts are not known");
                return null;
            }
            starts.Add(starts[^1] + size);
            whole = new Shape(shape.Dims.SetItem(axis, Dim.Of(starts[^1])));
        }
        return SliceBounds.Read(call, whole!, 2) is { } bounds ? (bounds, [.. starts]) : null;
    }

    private static object InPart(FunctionCall call, SliceBounds bounds, long[] starts)
    {
        int axis = call.Int(1)!.Value;
        var (from, to, step) = bounds[axis];
        if (to > starts[^1]) return call.Because("the slice does not cut that axis");
        if (step < 1 || from >= to) return call.Because("the slice of that axis runs backwards or is empty");
        int part = Array.FindLastIndex(starts, start => start <= from);
        if (to > starts[part + 1]) return call.Because("the slice reaches over several parts");
        return bounds.With(axis, from - starts[part], to - starts[part]).Lists().Insert(0, Dim.Of(part));
    }

    private static object WholeParts(FunctionCall call, SliceBounds bounds, long[] starts)
    {
        int axis = call.Int(1)!.Value;
        var (from, to, step) = bounds[axis];
        int first = Array.IndexOf(starts, from), end = Array.LastIndexOf(starts, to);
        if (step != 1 || first < 0 || end <= first || !bounds.IsOnly(axis)) return call.Because("the slice takes parts of parts");
        return call.List(0)!.Value[first..end];
    }
}
