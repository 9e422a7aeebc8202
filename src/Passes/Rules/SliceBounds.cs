using System.Collections.Immutable;

namespace Nncc.Passes.Rules;

/// <summary>
/// What a Slice takes of each axis: from, to and step, counted from 0. Bounds that count from the end need the size of the axis; others
/// hold for any size.
/// </summary>
internal sealed class SliceBounds
{
    private readonly (long From, long To, long Step)[] axes;

    private SliceBounds((long, long, long)[] axes) => this.axes = axes;

    /// <summary>The bounds of an axis.</summary>
    public (long From, long To, long Step) this[int axis] => axes[axis];

    /// <summary>Where it starts in each axis.</summary>
    public IEnumerable<long> Starts => axes.Select(a => a.From);

    /// <summary>Bounds from starts, ends, axes and steps that stand as arguments from <paramref name="at"/> on; null with the reason
    /// kept where they are not all known.</summary>
    public static SliceBounds? Read(FunctionCall call, Shape shape, int at)
    {
        if (call.Longs(at) is not { } starts || call.Longs(at + 1) is not { } ends || ends.Length != starts.Length
            || AxesOf(call, at + 2, starts.Length, shape.Rank) is not { } places) return null;
        long[]? steps = call.Arguments[at + 3] is null ? [.. starts.Select(_ => 1L)] : call.Longs(at + 3);
        if (steps is null || steps.Length != starts.Length) return null;
        var axes = Enumerable.Repeat((From: 0L, To: long.MaxValue, Step: 1L), shape.Rank).ToArray();
        for (int i = 0; i < places.Length; i++)
        {
            if (Bounds(starts[i], ends[i], steps[i], shape[places[i]].Value) is not { } bounds)
            {
                call.Because($"where the slice of axis {places[i]} starts and ends depends on the size {shape[places[i]]}");
                return null;
            }
            axes[places[i]] = bounds;
        }
        return new SliceBounds(axes);
    }

    /// <summary>The axes given as an argument, counted from 0 in their order; the first ones where it is absent.</summary>
    public static int[]? AxesOf(FunctionCall call, int at, int count, int rank)
    {
        if (call.Arguments[at] is null) return count <= rank ? [.. Enumerable.Range(0, count)] : null;
        if (call.Longs(at) is not { } given) return null;
        if (given.Length == count && given.All(a => a >= -rank && a < rank)
            && given.Select(a => (int)(a < 0 ? a + rank : a)).ToArray() is var axes && axes.Distinct().Count() == count) return axes;
        call.Because("the axes do not fit");
        return null;
    }

    /// <summary>The shape of a slice of a shape, with its own symbol where that is not known.</summary>
    public Shape Of(Shape shape) => new([.. shape.Select((size, i) => axes[i] is (0, long.MaxValue, 1) ? size
        : size.Value is { } known ? Dim.Of(Length(axes[i], known)) : Dim.Symbol($"slice {i}", 0))]);

    /// <summary>A slice of a slice as one; null where one of them runs backwards.</summary>
    public SliceBounds? Then(SliceBounds next)
    {
        var both = new (long, long, long)[axes.Length];
        for (int i = 0; i < axes.Length; i++)
        {
            var (from, to, step) = axes[i];
            var (a, b, t) = next.axes[i];
            if ((step < 1 || t < 1) && next.axes[i] is not (0, long.MaxValue, 1)) return null;
            both[i] = next.axes[i] is (0, long.MaxValue, 1) ? axes[i]
                : (from + a * step, b > (long.MaxValue - from) / step ? to : Math.Min(to, from + b * step), step * t);
        }
        return new SliceBounds(both);
    }

    /// <summary>The same but for one axis, in which it has step as before.</summary>
    public SliceBounds With(int axis, long from, long to)
    {
        var changed = axes.ToArray();
        changed[axis] = (from, to, axes[axis].Step);
        return new SliceBounds(changed);
    }

    /// <summary>Whether it takes all of every other axis.</summary>
    public bool IsOnly(int axis) => !axes.Where((a, i) => i != axis && a is not (0, long.MaxValue, 1)).Any();

    /// <summary>Starts, ends, axes and steps of those axes of which it does not take all.</summary>
    public ImmutableArray<object?> Lists()
    {
        int[] cut = [.. Enumerable.Range(0, axes.Length).Where(i => axes[i] is not (0, long.MaxValue, 1))];
        return
        [
            RuleValues.List(cut.Select(i => Dim.Of(axes[i].From))), RuleValues.List(cut.Select(i => Dim.Of(axes[i].To))),
            RuleValues.List(cut.Select(i => Dim.Of(i))), RuleValues.List(cut.Select(i => Dim.Of(axes[i].Step))),
        ];
    }

    // With a known size the bounds are within it; without, they must count from the start, and forward.
    private static (long, long, long)? Bounds(long start, long end, long step, long? known)
    {
        if (step == 0) return null;
        if (known is not { } size) return start >= 0 && end >= 0 && step > 0 ? (start, end, step) : null;
        long from = Math.Clamp(start < 0 ? start + size : start, 0, step < 0 ? Math.Max(0, size - 1) : size);
        // Backward to the very first element: an end of -1 would count from the end.
        if (step < 0) return (from, end < 0 && end + size < 0 ? long.MinValue : end < 0 ? end + size : end, step);
        long to = Math.Clamp(end < 0 ? end + size : end, 0, size);
        return from == 0 && to == size && step == 1 ? (0, long.MaxValue, 1) : (from, to, step);
    }

    private static long Length((long From, long To, long Step) axis, long size)
    {
        var (from, to, step) = axis;
        if (step > 0) return Math.Max(0, (Math.Min(to, size) - Math.Min(from, size) + step - 1) / step);
        return Math.Max(0, (from - Math.Max(to, -1) - step - 1) / -step);
    }
}
