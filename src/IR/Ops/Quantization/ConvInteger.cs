using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// The convolution of x - x zero point with w - w zero point, 8 bit integers, in i32; padding is the zero point. The zero point of w is
/// one for all or one for each filter. Source: ai.onnx ConvInteger.
/// </summary>
/// <param name="AutoPad">How padding is found.</param>
/// <param name="Dilations">Distance between taps; empty for 1.</param>
/// <param name="Group">Number of groups that channels and filters are divided into.</param>
/// <param name="KernelShape">Taps along each axis; empty for those of w.</param>
/// <param name="Pads">Padding: all beginnings, then all ends; empty for 0.</param>
/// <param name="Strides">Distance between windows; empty for 1.</param>
public sealed record ConvInteger(AutoPad AutoPad = AutoPad.NotSet, EquatableArray<long> Dilations = default, long Group = 1,
    EquatableArray<long> KernelShape = default, EquatableArray<long> Pads = default, EquatableArray<long> Strides = default)
    : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<ConvInteger>("x w x_zero_point? w_zero_point?", "y", [10]);

    /// <summary>Where the windows lie, for an operand [n, c, spatial...] and weights [m, c/group, kernel...].</summary>
    /// <exception cref="NnccException">Shapes or attributes do not fit.</exception>
    public ConvolutionGeometry Geometry(Shape x, Shape w) => ConvolutionOperands.Geometry(
        "ConvInteger", x, w, KernelShape, Group, new WindowAttributes(AutoPad, Dilations, Pads, Strides));

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        for (int i = 0; i < 2; i++)
        {
            context.Tensor(i, t => t is DType.Int8 or DType.UInt8, "i8 or u8");
            if (context.Has(i + 2)) context.SameDType(i, i + 2);
        }
        if (context.Has(2) && context.Tensor(2).Shape is { } zero && Dim.AreEqual(zero.Count, 1) == Answer.No)
            throw context.Fault(FaultCodes.OperandShape, $"x_zero_point must be a single element, got {context.Tensor(2)}");
        if (context.Tensor(0).Shape is not { } x || context.Tensor(1).Shape is not { } w) return [new TensorType(DType.Int32, null)];
        var geometry = Geometry(x, w);
        if (context.Has(3) && context.Tensor(3).Shape is { Rank: > 0, Count.Value: not 1 })
            context.Vector(3, "w_zero_point", w[0], "one for each filter");
        return [new TensorType(DType.Int32, new Shape([x[0], w[0], .. geometry.Windowed]))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        Tensor x = context.Tensor(0), w = context.Tensor(1);
        var geometry = Geometry(x.Type.Shape!, w.Type.Shape!);
        int groups = (int)Group, filters = (int)w.Dims[0];
        double[] items = x.ToDoubles(), weights = w.ToDoubles();
        if (context.OptionalSingle(2) is { } zero)
            foreach (ref double item in items.AsSpan()) item -= zero.ToDouble();
        if (context.Optional(3)?.ToDoubles() is { } zeros)
            for (int i = 0; i < weights.Length; i++) weights[i] -= zeros[zeros.Length == 1 ? 0 : i / (weights.Length / filters)];
        // Sums of 8 bit products are exact in binary64, and then wrap to i32.
        double[] y = ConvolutionSum.Compute(items, weights, new WindowGrid(geometry), (int)x.Dims[0], groups, (int)w.Dims[1],
            filters / groups, context.Cancellation);
        return [Tensor.FromDoubles(DType.Int32, ConvolutionOperands.ResultDims(x, filters, geometry.Windowed), y)];
    }

    /// <summary>For each result element, the channels of a group times the taps.</summary>
    public override Work Measure(MeasureContext context) =>
        context.Products(context.Output(0).Count * Dim.Product(context.Input(1).Dims.Skip(1)));
}
