using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// The list of pieces of the data along an axis: of the sizes in operand <c>split</c>, of one size where that is a scalar (the last may be
/// smaller), or of size 1 without it, and then without the axis unless <paramref name="Keepdims"/>. Source: ai.onnx SplitToSequence.
/// </summary>
/// <param name="Axis">The axis.</param>
/// <param name="Keepdims">Whether pieces of size 1 keep the axis where no sizes are given.</param>
public sealed record SplitToSequence(long Axis = 0, bool Keepdims = true) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<SplitToSequence>("input split?", "output_sequence", [11, 24]).NewTypes(24, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var data = context.Tensor(0);
        if (context.Has(1)) context.Integers(1);
        if (data.Shape is not { } shape) return [new SequenceType(data)];
        int axis = context.Axis(Axis, shape.Rank);
        var dims = context.Has(1) ? shape.Dims.SetItem(axis, context.Fresh(shape[axis].Bounds.Max))
            : Keepdims ? shape.Dims.SetItem(axis, 1) : shape.Dims.RemoveAt(axis);
        return [new SequenceType(data with { Shape = new Shape(dims) })];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var data = context.Tensor(0);
        int axis = Places.Axis(Axis, data.Rank);
        long[] sizes = context.Optional(1) is { } split ? (split.Rank == 0 ? Pieces(data.Dims[axis], split.ToLong()) : split.ToLongs())
            : Pieces(data.Dims[axis], 1);
        var pieces = Split.Cut(data, axis, sizes);
        if (!context.Has(1) && !Keepdims) pieces = pieces.Select(piece => piece.Reshape(piece.Dims.RemoveAt(axis).AsSpan()));
        return context.Result([.. pieces]);
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();

    private static long[] Pieces(long size, long piece) => piece < 1
        ? throw EvaluateContext.Fault(FaultCodes.Data, $"pieces of size {piece}")
        : [.. Enumerable.Range(0, (int)((size + piece - 1) / piece)).Select(i => Math.Min(piece, size - i * piece))];
}

/// <summary>
/// The elements of a list one after the other along an axis, or side by side along a new one. Source: ai.onnx ConcatFromSequence.
/// </summary>
/// <param name="Axis">The axis of the result.</param>
/// <param name="NewAxis">Whether the axis is new.</param>
public sealed record ConcatFromSequence(long Axis, bool NewAxis = false) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<ConcatFromSequence>("input_sequence", "concat_result", [11]);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        if (context.OneOf(context.Element(0)) is not TensorType element) return [new TensorType(DType.Unknown, null)];
        if (element.Shape is not { } shape) return [element];
        int axis = context.Axis(Axis, NewAxis ? shape.Rank + 1 : shape.Rank);
        return [element with { Shape =
            new Shape(NewAxis ? shape.Dims.Insert(axis, context.Fresh()) : shape.Dims.SetItem(axis, context.Fresh())) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var tensors = context.Sequence(0).Items.Cast<Tensor>().ToArray();
        if (tensors.Length == 0) throw EvaluateContext.Fault(FaultCodes.Data, "an empty sequence has nothing to join");
        int axis = Places.Axis(Axis, NewAxis ? tensors[0].Rank + 1 : tensors[0].Rank);
        if (NewAxis) tensors = [.. tensors.Select(t => t.Reshape(t.Dims.Insert(Math.Min(axis, t.Rank), 1).AsSpan()))];
        return [Concat.Join(tensors, axis)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}
