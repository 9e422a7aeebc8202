using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// The convolution of quantized tensors, quantized: saturate(round(((x - x zero)∗(w - w zero) + B) · x scale · w scale / y scale) + y
/// zero); padding is the zero point. Scale and zero point of w are one for all or one for each filter. Source: ai.onnx QLinearConv.
/// </summary>
/// <param name="AutoPad">How padding is found.</param>
/// <param name="Dilations">Distance between taps; empty for 1.</param>
/// <param name="Group">Number of groups that channels and filters are divided into.</param>
/// <param name="KernelShape">Taps along each axis; empty for those of w.</param>
/// <param name="Pads">Padding: all beginnings, then all ends; empty for 0.</param>
/// <param name="Strides">Distance between windows; empty for 1.</param>
public sealed record QLinearConv(AutoPad AutoPad = AutoPad.NotSet, EquatableArray<long> Dilations = default, long Group = 1,
    EquatableArray<long> KernelShape = default, EquatableArray<long> Pads = default, EquatableArray<long> Strides = default)
    : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<QLinearConv>(
        "x x_scale x_zero_point w w_scale w_zero_point y_scale y_zero_point B?", "y", [10]);

    /// <inheritdoc/>
    public override bool IsDiscontinuous => true;

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        foreach (int i in new[] { 0, 3, 7 }) context.Tensor(i, t => t is DType.Int8 or DType.UInt8, "i8 or u8");
        foreach (int i in new[] { 1, 4, 6 }) context.Tensor(i, t => t == DType.Float32, "f32");
        if (context.Has(8)) context.Tensor(8, t => t == DType.Int32, "i32");
        context.SameDType(0, 2);
        context.SameDType(3, 5);
        var result = new TensorType(context.Tensor(7).DType, null);
        if (context.Tensor(0).Shape is not { } x || context.Tensor(3).Shape is not { } w) return [result];
        var geometry = Geometry(x, w);
        foreach (int i in new[] { 4, 5 })
            if (context.Tensor(i).Shape is { Rank: > 0, Count.Value: not 1 }) context.Vector(i, "a parameter of w", w[0],
                "one for each filter");
        context.Vector(8, "B", w[0], "one for each filter");
        return [result with { Shape = new Shape([x[0], w[0], .. geometry.Windowed]) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.InferDims(this);
        Tensor x = context.Tensor(0), w = context.Tensor(3);
        var geometry = Geometry(x.Type.Shape!, w.Type.Shape!);
        int groups = (int)Group, filters = (int)w.Dims[0];
        double[] items = x.ToDoubles(), weights = w.ToDoubles(), zeros = context.Tensor(5).ToDoubles(),
            scales = context.Tensor(4).ToDoubles();
        double zero = context.Single(2).ToDouble(), scale = context.Single(1).ToDouble();
        foreach (ref double item in items.AsSpan()) item -= zero;
        for (int i = 0; i < weights.Length; i++) weights[i] -= zeros[zeros.Length == 1 ? 0 : i / (weights.Length / filters)];
        double[] y = ConvolutionSum.Compute(items, weights, new WindowGrid(geometry), (int)x.Dims[0], groups, (int)w.Dims[1],
            filters / groups, context.Cancellation);
        double[]? bias = context.Optional(8)?.ToDoubles();
        int windows = (int)Places.Product(dims[2..]);
        for (int i = 0; i < y.Length; i++)
        {
            int filter = i / windows % filters;
            y[i] = (y[i] + (bias?[filter] ?? 0)) * scale * scales[scales.Length == 1 ? 0 : filter];
        }
        return [QuantizeLinear.Requantize(y, dims, context.Single(6).ToDouble(), context.Single(7))];
    }

    /// <summary>For each result element, the channels of a group times the taps, and a requantization.</summary>
    public override Work Measure(MeasureContext context) => context.Products(
        context.Output(0).Count * Dim.Product(context.Input(3).Dims.Skip(1)), context.Output(0).Count * 3);

    private ConvolutionGeometry Geometry(Shape x, Shape w) => ConvolutionOperands.Geometry(
        "QLinearConv", x, w, KernelShape, Group, new WindowAttributes(AutoPad, Dilations, Pads, Strides));
}
