using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// (X - mean) / (sqrt(variance) + 1e-9), both taken along axes. The small term is that of the function body which ONNX defines the op by.
/// Source: ai.onnx MeanVarianceNormalization.
/// </summary>
/// <param name="Axes">The axes; empty for [0, 2, 3].</param>
public sealed record MeanVarianceNormalization(EquatableArray<long> Axes = default) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<MeanVarianceNormalization>("X", "Y", [9, 13])
        .NewTypes(13, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(16);

    /// <summary>The axes, [0, 2, 3] where none are given.</summary>
    public EquatableArray<long> GivenAxes => Axes.IsEmpty ? [0, 2, 3] : Axes;

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.ArithmeticFloats(0);
        if (x.Shape is { } shape)
            foreach (long axis in GivenAxes) context.Axis(axis, shape.Rank);
        return [x];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        var along = new bool[x.Rank];
        foreach (long axis in GivenAxes) along[axis < 0 ? axis + x.Rank : axis] = true;
        var slices = new AxisSlices(x.Dims.AsSpan(), along);
        double[] items = x.ToDoubles(), slice = new double[slices.Length];
        for (int i = 0; i < slices.Count; i++)
        {
            slices.Read(items, i, slice);
            var (mean, variance) = TrailingAxes.Statistics(slice);
            for (int k = 0; k < slice.Length; k++) slice[k] = (slice[k] - mean) / (Math.Sqrt(variance) + 1e-9);
            slices.Write(slice, i, items);
        }
        return [context.Floats(x.DType, x.Dims.AsSpan(), items)];
    }

    /// <summary>For each element: sum, difference, square, sum of squares, quotient.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(5);
}
