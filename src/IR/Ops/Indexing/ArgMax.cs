using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>The place of the best element along an axis; NaN is better than all numbers.</summary>
/// <param name="Axis">The axis.</param>
/// <param name="Keepdims">Whether the axis stays, with size 1.</param>
/// <param name="SelectLastIndex">Whether of equal elements the last one counts, and not the first.</param>
public abstract record ArgExtreme(long Axis, bool Keepdims, bool SelectLastIndex) : Op
{
    /// <summary>1 where greater elements are better, -1 where lesser ones are.</summary>
    protected abstract int Direction { get; }

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Numbers(0);
        if (x.Shape is not { } shape) return [x with { DType = DType.Int64 }];
        int axis = context.Axis(Axis, shape.Rank);
        if (shape[axis].Value == 0) throw context.Fault(FaultCodes.OperandShape, $"axis {axis} of {x} has no elements");
        return [new TensorType(DType.Int64, new Shape(Keepdims ? shape.Dims.SetItem(axis, 1) : shape.Dims.RemoveAt(axis)))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        int axis = Places.Axis(Axis, x.Rank);
        long size = x.Dims[axis], step = Places.Product(x.Dims.Skip(axis + 1));
        if (size == 0) throw EvaluateContext.Fault(FaultCodes.Data, $"axis {axis} of {x.Type} has no elements");
        var compare = ElementOrder.Of(x, isNaNGreatest: Direction > 0);
        var result = new long[x.Count / size];
        for (long row = 0; row < result.Length; row++)
        {
            long start = row / step * size * step + row % step, best = 0;
            for (long i = 1; i < size; i++)
            {
                int order = compare(start + i * step, start + best * step) * Direction;
                if (order > 0 || (order == 0 && SelectLastIndex)) best = i;
            }
            result[row] = best;
        }
        return [Tensor.Of((Keepdims ? x.Dims.SetItem(axis, 1) : x.Dims.RemoveAt(axis)).AsSpan(), result)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.PerInput(1);
}

/// <summary>The place of the greatest element along an axis, or of NaN where there is one. Source: ai.onnx ArgMax.</summary>
/// <param name="Axis">The axis.</param>
/// <param name="Keepdims">Whether the axis stays, with size 1.</param>
/// <param name="SelectLastIndex">Whether of equal elements the last one counts, and not the first.</param>
public sealed record ArgMax(long Axis = 0, bool Keepdims = true, bool SelectLastIndex = false)
    : ArgExtreme(Axis, Keepdims, SelectLastIndex), IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<ArgMax>("data", "reduced", [1, 11, 12, 13]).ArgExtreme();

    /// <inheritdoc/>
    protected override int Direction => 1;
}

/// <summary>The place of the least element along an axis, or of NaN where there is one. Source: ai.onnx ArgMin.</summary>
/// <param name="Axis">The axis.</param>
/// <param name="Keepdims">Whether the axis stays, with size 1.</param>
/// <param name="SelectLastIndex">Whether of equal elements the last one counts, and not the first.</param>
public sealed record ArgMin(long Axis = 0, bool Keepdims = true, bool SelectLastIndex = false)
    : ArgExtreme(Axis, Keepdims, SelectLastIndex), IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<ArgMin>("data", "reduced", [1, 11, 12, 13]).ArgExtreme();

    /// <inheritdoc/>
    protected override int Direction => -1;
}

/// <summary>The changes of form that both share.</summary>
internal static class ArgExtremeForms
{
    public static OpDefinition ArgExtreme(this OpDefinition definition) =>
        definition.NegativeAxes(11, "axis").NewAttributes(12, "select_last_index").NewTypes(13, 0, DType.BFloat16);
}
