using System.Collections.Immutable;

namespace Nncc.Passes.Rules;

// What slices take that run on to the end of every axis.
public sealed partial class RuleFunctions
{
    private static IEnumerable<RuleFunction> OfOpenSlices =>
    [
        new("open-slice-starts", "starts ends axes steps x",
            "the first place on each axis of x, for a slice that runs on to the end of every axis",
            c => Taken(c) is { } taken ? Numbers(taken.Select(t => t.Start)) : c.Failure),
        new("open-slice-steps", "starts ends axes steps x", "the step on each axis of x, for a slice that runs on to the end of every axis",
            c => Taken(c) is { } taken ? Numbers(taken.Select(t => t.Step)) : c.Failure),
    ];

    // Start and step on each axis; null where an end or a direction is another.
    private static (long Start, long Step)[]? Taken(FunctionCall call)
    {
        if (call.Longs(0) is not { } starts || call.Longs(1) is not { } ends || call.Shape(4) is not { } shape) return null;
        long[]? axes = call.Arguments[2] is null ? [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)] : call.Longs(2);
        long[]? steps = call.Arguments[3] is null ? [.. starts.Select(_ => 1L)] : call.Longs(3);
        if (axes is null || steps is null) return null;
        var taken = Enumerable.Repeat((Start: 0L, Step: 1L), shape.Rank).ToArray();
        for (int i = 0; i < axes.Length; i++)
        {
            if (Axis((int)axes[i], shape.Rank) is not { } axis || i >= starts.Length || i >= ends.Length || i >= steps.Length) return null;
            if (starts[i] < 0 || steps[i] < 1 || !RunsOn(starts[i], ends[i], steps[i], shape[axis]))
            {
                call.Because($"axis {axis} of {shape} is taken from {starts[i]} to {ends[i]} in steps of {steps[i]}");
                return null;
            }
            taken[axis] = (starts[i], steps[i]);
        }
        return taken;
    }

    // Whether the last place that the steps reach is taken.
    private static bool RunsOn(long start, long end, long step, Dim size) => end >= int.MaxValue
        || (size.Value is { } number && end > start + (number - 1 - start) / step * step);
}
