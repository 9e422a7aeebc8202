using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// Every steps-th element from starts to ends (not included) of the given axes, all by default. Negative places count from the end of the
/// axis, and places beyond it mean the end. Source: ai.onnx Slice.
/// </summary>
public sealed record Slice : Op, IOpDefined
{
    // No size is beyond it, and no sum of some of them beyond 64 bits.
    private const long LongestAxis = 1L << 56;

    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Slice>("data starts ends axes? steps?", "output", [1, 10, 11, 13])
        .Change(10, down: form =>
        {
            if (form.Has(4) && form.Constant(4)?.ToLongs().All(step =>
                step == 1) != true) return "steps other than 1 are taken from opset 10 on";
            if (form.Has(4)) form.Inputs[4] = -1;
            form.TrimInputs();
            return null;
        })
        .AttributeToInput(10, "starts", 1).AttributeToInput(10, "ends", 2).AttributeToInput(10, "axes", 3)
        .NewTypes(13, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var data = context.Tensor(0);
        for (int i = 1; i <= 4; i++)
            if (i <= 2 || context.Has(i)) context.Integers(i);
        if (data.Shape is not { } shape) return [data];
        int? count = Enumerable.Range(1, 4).Select(i => context.Has(i) ? Length(context, i) : null).FirstOrDefault(n => n is not null);
        var sizes = shape.Dims.ToArray();
        if (Axes(context, shape.Rank, count) is not { } axes)
            return [data with { Shape = new Shape([.. sizes.Select(_ => context.Fresh())]) }];
        ImmutableArray<Dim>? starts = context.Known(1), ends = context.Known(2), steps = context.Known(4);
        if (new[] { starts, ends, steps }.Any(list => list is { } known && known.Length != axes.Length))
            throw context.Fault(FaultCodes.OperandShape, $"starts, ends, axes and steps must be as many, got "
                + string.Join(", ", Enumerable.Range(1, context.Count - 1).Where(context.Has).Select(i => context.Tensor(i))));
        for (int i = 0; i < axes.Length; i++)
        {
            var size = shape[axes[i]];
            long? step = context.Has(4) ? steps?[i].Value is { } given ? Math.Clamp(given, -LongestAxis, LongestAxis) : null : 1;
            if (step == 0) throw context.Fault(FaultCodes.OperandShape, $"the step of axis {axes[i]} is 0");
            Dim? from = starts is null || step is null ? null : Place(starts.Value[i], size, step.Value, isStart: true);
            Dim? to = ends is null || step is null ? null : Place(ends.Value[i], size, step.Value, isStart: false);
            sizes[axes[i]] = from is null || to is null ? context.Fresh(size.Bounds.Max)
                : step > 0 ? Dim.Max(0, Dim.CeilDiv(to - from, step.Value)) : Dim.Max(0, Dim.CeilDiv(from - to, -step!.Value));
            if (shape.Rank == 1 && from?.Value is { } at && sizes[0].Value is { } length && context.Known(0) is { } known)
                context.Know(0, [.. Enumerable.Range(0, (int)length).Select(k => known[(int)(at + k * step!.Value)])]);
        }
        return [data with { Shape = new Shape([.. sizes]) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var data = context.Tensor(0);
        long[] starts = context.Tensor(1).ToLongs(), ends = context.Tensor(2).ToLongs();
        long[] axes = context.Optional(3)?.ToLongs() ?? [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)];
        long[] steps = context.Optional(4)?.ToLongs() ?? [.. starts.Select(_ => 1L)];
        if (ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length)
            throw EvaluateContext.Fault(FaultCodes.Data,
                $"{starts.Length} starts, {ends.Length} ends, {axes.Length} axes, {steps.Length} steps");
        long[] dims = [.. data.Dims], strides = StridedWalk.Strides(dims);
        long offset = 0;
        var taken = new HashSet<long>();
        for (int i = 0; i < starts.Length; i++)
        {
            long axis = axes[i] < 0 ? axes[i] + data.Rank : axes[i];
            if (axis < 0 || axis >= data.Rank || !taken.Add(axis) || steps[i] == 0)
                throw EvaluateContext.Fault(FaultCodes.Data,
                    $"axes [{string.Join(",", axes)}] and steps [{string.Join(",", steps)}] of rank {data.Rank}");
            // A step beyond the axis takes one element, however far it goes.
            long size = dims[axis], step = Math.Clamp(steps[i], -size - 1, size + 1);
            long from = Place(starts[i], size, step, true), to = Place(ends[i], size, step, false);
            dims[axis] = Math.Max(0, step > 0 ? (to - from + step - 1) / step : (from - to - step - 1) / -step);
            offset += from * strides[axis];
            strides[axis] *= step;
        }
        return [Elements.Strided(data, dims, dims.Contains(0) ? 0 : offset, strides)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => new(0, 0, context.BytesOut, context.BytesOut);

    // The place counted from the front and held within the axis; from the last element on where the step goes backwards.
    private static long Place(long place, long size, long step, bool isStart)
    {
        if (place < 0) place = place < -size ? -1 : place + size;
        if (step > 0) return Math.Clamp(place, 0, size);
        // Of an empty axis nothing is taken backwards either: it starts where it ends.
        long least = isStart ? Math.Min(0, size - 1) : -1;
        return Math.Clamp(place, least, Math.Max(size - 1, least));
    }

    // The same for sizes; null where the sign of the place is not known.
    private static Dim? Place(Dim place, Dim size, long step, bool isStart)
    {
        if (place.Value is { } p && size.Value is { } s) return Place(p, s, step, isStart);
        var (min, max) = place.Bounds;
        if (min < 0 && max >= 0) return null;
        Dim least = step < 0 && !isStart ? -1 : 0, greatest = step < 0 ? size - 1 : size;
        // Numbers from int32's ends on stand for the ends of the axis.
        if (place.Value >= int.MaxValue) return step < 0 && isStart ? Dim.Max(0, greatest) : greatest;
        if (place.Value <= int.MinValue) return least;
        var counted = max < 0 ? place + size : place;
        return Dim.Max(least, Dim.Min(counted, greatest));
    }

    private static int[]? Axes(InferContext context, int rank, int? count)
    {
        if (!context.Has(3)) return count is { } n && n <= rank ? [.. Enumerable.Range(0, n)] : null;
        return context.Known(3) is { } known && known.All(axis => axis.IsConstant)
            ? [.. known.Select(axis => context.Axis(axis.Value!.Value, rank))] : null;
    }

    private static int? Length(InferContext context, int index) => context.Known(index)?.Length
        ?? (context.Tensor(index).Shape is { Rank: 1 } shape ? (int?)shape[0].Value : null);
}
