using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>Means over windows of a quantized tensor. Source: com.microsoft QLinearAveragePool.</summary>
/// <param name="KernelShape">Taps of a window along each spatial axis.</param>
/// <param name="AutoPad">How padding is found.</param>
/// <param name="CeilMode">Whether the number of windows is rounded up.</param>
/// <param name="ChannelsLast">Whether channels are the last axis instead of the second.</param>
/// <param name="CountIncludePad">Whether padding counts in the mean.</param>
/// <param name="Pads">Padding: all beginnings, then all ends; empty for 0.</param>
/// <param name="Strides">Distance between windows; empty for 1.</param>
public sealed record QLinearAveragePool(EquatableArray<long> KernelShape, AutoPad AutoPad = AutoPad.NotSet, bool CeilMode = false,
    bool ChannelsLast = false, bool CountIncludePad = false, EquatableArray<long> Pads = default, EquatableArray<long> Strides = default)
    : QLinearOp, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<QLinearAveragePool>(
        "X x_scale x_zero_point? y_scale y_zero_point?", "Y", [1], MicrosoftDomain);

    private AveragePool Pool => new(KernelShape, AutoPad, CeilMode, CountIncludePad, Pads: Pads, Strides: Strides);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = Quantized(context, 0);
        Parameters(context, 3, x.DType);
        if (x.Shape is not { } shape) return [x];
        if (shape.Rank < 3) throw context.Fault(FaultCodes.OperandShape, $"the operand has spatial axes, got {x}");
        var geometry = Pool.Geometry(ChannelsLast ? new Shape([shape[0], shape[^1], .. shape.Dims[1..^1]]) : shape);
        return [x with { Shape = ChannelsLast ? new Shape([shape[0], .. geometry.Windowed, shape[^1]])
            : new Shape([shape[0], shape[1], .. geometry.Windowed]) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        var x = Numbers(context, 0);
        var y = Mean(context, ChannelsLast ? Run(context, ChannelOrder.First(x.Rank), x) : x);
        if (ChannelsLast) y = Run(context, ChannelOrder.Last(x.Rank), y);
        return [Quantize(context, y, 3, context.Tensor(0).DType)];
    }

    /// <summary>One operation for each tap of each window.</summary>
    public override Work Measure(MeasureContext context) =>
        new(0, context.Output(0).Count * Taps, context.BytesIn, context.BytesOut);

    private long Taps => KernelShape.Aggregate(1L, (taps, k) => taps * k);

    // Unlike in ai.onnx, where padding counts, so does what the last windows reach beyond it.
    private Tensor Mean(EvaluateContext context, Tensor x)
    {
        var y = Run(context, Pool, x);
        if (!CountIncludePad || !CeilMode) return y;
        int[] counts = new WindowGrid(Pool.Geometry(x.Type.Shape!)).TapCounts(orPadding: true);
        double[] items = y.ToDoubles();
        for (int i = 0; i < items.Length; i++) items[i] *= (double)counts[i % counts.Length] / Taps;
        return Tensor.Wide(DType.Float32, y.Dims.AsSpan(), items);
    }
}

/// <summary>Means over the spatial axes of a quantized tensor. Source: com.microsoft QLinearGlobalAveragePool.</summary>
/// <param name="ChannelsLast">Whether channels are the last axis instead of the second.</param>
public sealed record QLinearGlobalAveragePool(bool ChannelsLast = false) : QLinearOp, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<QLinearGlobalAveragePool>(
        "X x_scale x_zero_point y_scale y_zero_point", "Y", [1], MicrosoftDomain);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = Quantized(context, 0);
        Parameters(context, 3, x.DType);
        if (x.Shape is not { } shape) return [x];
        if (shape.Rank < 3) throw context.Fault(FaultCodes.OperandShape, $"the operand has spatial axes, got {x}");
        return [x with { Shape = new Shape([.. shape.Select((d, i) => IsSpatial(i, shape.Rank) ? 1 : d)]) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        var x = Numbers(context, 0);
        long[] axes = [.. Enumerable.Range(0, x.Rank).Where(i => IsSpatial(i, x.Rank)).Select(i => (long)i)];
        return [Quantize(context, Run(context, new ReduceMean(), x, Tensor.Vector(axes)), 3, context.Tensor(0).DType)];
    }

    /// <summary>A sum for each element.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(2);

    private bool IsSpatial(int axis, int rank) => axis > 0 && axis != (ChannelsLast ? rank - 1 : 1);
}

/// <summary>The mean of a quantized tensor along axes. Source: com.microsoft QLinearReduceMean.</summary>
/// <param name="Axes">The axes; none for all.</param>
/// <param name="Keepdims">Whether reduced axes stay with size 1.</param>
public sealed record QLinearReduceMean(EquatableArray<long> Axes, bool Keepdims = true) : QLinearOp, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<QLinearReduceMean>(
        "data data_scale data_zero_point? reduced_scale reduced_zero_point?", "reduced", [1], MicrosoftDomain);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = Quantized(context, 0);
        Parameters(context, 3, x.DType);
        var axes = Tensor.Vector(Axes.Span.ToArray());
        var numbers = new InferContext([x with { DType = DType.Float32 }, axes.Type], 1, "numbers", i => i == 1 ? axes : null, _ => null);
        return [x with { Shape = ((TensorType)new ReduceMean(Keepdims).Infer(numbers)[0]).Shape }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        var y = Run(context, new ReduceMean(Keepdims), Numbers(context, 0), Tensor.Vector(Axes.Span.ToArray()));
        return [Quantize(context, y, 3, context.Tensor(0).DType)];
    }

    /// <summary>A sum for each element.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(2);
}
