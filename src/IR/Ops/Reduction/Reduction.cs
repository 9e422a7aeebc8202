using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// A reduction along the axes in operand 1. Without axes, or with none in the list, it reduces over all of them, or, with
/// <c>noop_with_empty_axes</c>, each element by itself.
/// </summary>
/// <param name="Keepdims">Whether reduced axes stay with size 1.</param>
/// <param name="NoopWithEmptyAxes">What having no axes means.</param>
public abstract record Reduction(bool Keepdims, bool NoopWithEmptyAxes) : Op
{
    /// <summary>The definition of a reduction whose axes became an operand at <paramref name="axesAsInput"/>.</summary>
    private protected static OpDefinition Define<T>(int axesAsInput, params ReadOnlySpan<int> since) where T : Reduction =>
        OpDefinition.For<T>("data axes?", "reduced", since)
            .NegativeAxes(11, "axes")
            .NewTypes(13, 0, DType.BFloat16)
            .AttributeToInput(axesAsInput, "axes", 1)
            .NewAttributes(axesAsInput, "noop_with_empty_axes");

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(8);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var data = context.Tensor(0, Takes, "numeric");
        if (context.Has(1)) context.Tensor(1, t => t == DType.Int64, "i64");
        var along = Along(context, data.Shape);
        if (data.Shape is { } shape && along is not null)
        {
            if (shape.Rank <= 1 && (shape.Rank == 0 || along[0]) && context.Known(0) is { IsEmpty: false } known
                && Reduce(known) is { } size)
                context.Know(0, [size]);
            return [data with { Shape = new Shape([.. Remaining(shape.Dims, along, 1)]) }];
        }
        if (data.Shape is null) return [data];
        if (Keepdims) return [data with { Shape = new Shape([.. data.Shape.Select(_ => context.Fresh())]) }];
        return [data with { Shape = null }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var data = context.Tensor(0);
        bool[] along = Along(context.Optional(1)?.ToLongs() ?? [], data.Rank);
        var slices = new AxisSlices(data.Dims.AsSpan(), along);
        long[] dims = [.. Remaining(data.Dims, along, 1)];
        if (!data.DType.IsFloat())
        {
            var (source, slice, result) = (data.ToLongs(), new long[slices.Length], new long[slices.Count]);
            for (int i = 0; i < result.Length; i++)
            {
                slices.Read(source, i, slice);
                result[i] = Reduce(slice, data.DType);
            }
            return [EvaluateContext.Integers(data.DType, dims, result)];
        }
        var (items, part, reduced) = (data.ToDoubles(), new double[slices.Length], new double[slices.Count]);
        for (int i = 0; i < reduced.Length; i++)
        {
            slices.Read(items, i, part);
            reduced[i] = Reduce(part);
        }
        return [context.Floats(data.DType, dims, reduced)];
    }

    /// <summary>One operation for each element of the operand.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(1);

    /// <summary>Whether the op takes the dtype.</summary>
    private protected virtual bool Takes(DType dtype) => dtype.IsArithmeticFloat() || (dtype.IsInteger() && dtype.Bits() >= 8);

    /// <summary>The result for the elements of a slice.</summary>
    private protected abstract double Reduce(ReadOnlySpan<double> items);

    /// <summary>The result for the elements of an integer slice, to be wrapped to the dtype.</summary>
    private protected virtual long Reduce(ReadOnlySpan<long> items, DType dtype)
    {
        var floats = new double[items.Length];
        for (int i = 0; i < floats.Length; i++) floats[i] = dtype == DType.UInt64 ? (ulong)items[i] : items[i];
        return Tensor.FromDoubles(DType.Int64, [], [Reduce(floats)]).ToLong();
    }

    /// <summary>The result for sizes, where it can be said.</summary>
    private protected virtual Dim? Reduce(ImmutableArray<Dim> sizes) => null;

    private bool[]? Along(InferContext context, Shape? data)
    {
        if (data is null) return null;
        if (context.Has(1) && context.Constant(1) is null && context.Tensor(1).Shape is not { Dims: [{ Value: 0 }] }) return null;
        long[] axes = context.Constant(1)?.ToLongs() ?? [];
        foreach (long axis in axes) context.Axis(axis, data.Rank);
        return Along(axes, data.Rank);
    }

    /// <summary>
    /// For each axis of an operand of that rank, whether it is reduced, where operand 1 holds these axes (none where it is absent).
    /// </summary>
    /// <exception cref="NnccException">An axis is outside of the rank, or named twice.</exception>
    public bool[] Along(ReadOnlySpan<long> axes, int rank)
    {
        var along = new bool[rank];
        if (axes.IsEmpty) Array.Fill(along, !NoopWithEmptyAxes);
        foreach (long axis in axes)
        {
            long at = axis < 0 ? axis + rank : axis;
            if (at < 0 || at >= rank) throw EvaluateContext.Fault(FaultCodes.Data, $"axis {axis} is outside of rank {rank}");
            if (along[at])
                throw EvaluateContext.Fault(FaultCodes.Attribute, $"axes [{string.Join(",", axes.ToArray())}] name an axis twice");
            along[at] = true;
        }
        return along;
    }

    private IEnumerable<T> Remaining<T>(IEnumerable<T> sizes, bool[] along, T one) =>
        sizes.Select((size, i) => along[i] ? one : size).Where((_, i) => Keepdims || !along[i]);
}
