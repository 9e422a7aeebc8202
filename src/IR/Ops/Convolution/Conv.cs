using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// Convolution (as usual in networks: cross-correlation) of X [n, c, spatial...] with W [m, c/group, kernel...], plus B [m].
/// Source: ai.onnx Conv.
/// </summary>
/// <param name="AutoPad">How padding is found.</param>
/// <param name="Dilations">Distance between taps; empty for 1.</param>
/// <param name="Group">Number of groups that channels and filters are divided into.</param>
/// <param name="KernelShape">Taps along each axis; empty for those of W.</param>
/// <param name="Pads">Padding: all beginnings, then all ends; empty for 0.</param>
/// <param name="Strides">Distance between windows; empty for 1.</param>
public sealed record Conv(AutoPad AutoPad = AutoPad.NotSet, EquatableArray<long> Dilations = default, long Group = 1,
    EquatableArray<long> KernelShape = default, EquatableArray<long> Pads = default, EquatableArray<long> Strides = default)
    : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Conv>("X W B?", "Y", [1, 11, 22])
        .Change(11, down: FormChange.Nothing) // opset 11 only says what absent strides and dilations are
        .NewTypes(22, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(16);

    /// <summary>Where the windows lie, for an operand [n, c, spatial...] and weights [m, c/group, kernel...].</summary>
    /// <exception cref="NnccException">Shapes or attributes do not fit.</exception>
    public ConvolutionGeometry Geometry(Shape x, Shape w) => ConvolutionOperands.Geometry(
        "Conv", x, w, KernelShape, Group, new WindowAttributes(AutoPad, Dilations, Pads, Strides));

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        context.ArithmeticFloats(0);
        var dtype = context.SameDType(0, 1);
        if (context.Has(2)) dtype = context.SameDType(0, 2);
        return [new TensorType(dtype, ConvolutionOperands.Infer(context, 2, Geometry))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        Tensor x = context.Tensor(0), w = context.Tensor(1);
        var geometry = Geometry(x.Type.Shape!, w.Type.Shape!);
        var grid = new WindowGrid(geometry);
        int groups = (int)Group, filters = (int)w.Dims[0];
        double[] y = ConvolutionSum.Compute(x.ToDoubles(), w.ToDoubles(), grid, (int)x.Dims[0], groups, (int)w.Dims[1], filters / groups,
            context.Cancellation);
        if (context.Optional(2) is { } bias) ConvolutionOperands.AddBias(y, bias.ToDoubles(), grid.Windows);
        return [context.Floats(x.DType, ConvolutionOperands.ResultDims(x, filters, geometry.Windowed), y)];
    }

    /// <summary>For each result element, the channels of a group times the taps; adding the bias is one operation an element.</summary>
    public override Work Measure(MeasureContext context)
    {
        var count = context.Output(0).Count;
        var w = context.Input(1);
        bool biased = context.Inputs.Length > 2 && context.Inputs[2] is not null;
        return context.Products(count * Dim.Product(w.Dims.Skip(1)), biased ? count : 0);
    }
}

/// <summary>What the convolutions share.</summary>
internal static class ConvolutionOperands
{
    /// <summary>The geometry, after a check of ranks and channels.</summary>
    public static ConvolutionGeometry Geometry(string op, Shape x, Shape w, EquatableArray<long> kernelShape, long group,
        WindowAttributes attributes)
    {
        if (x.Rank < 3 || w.Rank != x.Rank)
            throw new NnccException(FaultCodes.OperandShape,
                $"{op} takes [n,c,spatial..] and [m,c/group,kernel..] of one rank of 3 and more, got [{x}] and [{w}]");
        if (group < 1) throw new NnccException(FaultCodes.Attribute, $"{op} takes a group of 1 and more, got {group}");
        if (Dim.AreEqual(x[1], w[1] * group) == Answer.No)
            throw new NnccException(FaultCodes.OperandShape,
                $"{op} takes [n,c,spatial..] and [m,c/group,kernel..], got [{x}] and [{w}] with group {group}");
        if (Dim.AreEqual(Dim.Mod(w[0], group), 0) == Answer.No)
            throw new NnccException(FaultCodes.OperandShape, $"{op} divides its {w[0]} filters into {group} groups, which leaves a rest");
        return ConvolutionGeometry.Over(op, x.Dims[2..], Kernel(op, w, kernelShape), attributes);
    }

    /// <summary>Taps along each axis: those of weights [.., .., kernel...], which the attribute must not contradict.</summary>
    public static ImmutableArray<Dim> Kernel(string op, Shape w, EquatableArray<long> kernelShape)
    {
        var kernel = w.Dims[2..];
        if (kernelShape.IsEmpty) return kernel;
        if (kernelShape.Count != kernel.Length || kernel.Where((taps, i) => Dim.AreEqual(taps, kernelShape[i]) == Answer.No).Any())
            throw new NnccException(FaultCodes.OperandShape, $"{op} has kernel_shape {kernelShape} and weights [{w}]");
        return [.. kernelShape.Select(Dim.Of)];
    }

    /// <summary>[n, m, windows..]; null where a rank is unknown.</summary>
    public static Shape? Infer(InferContext context, int bias, Func<Shape, Shape, ConvolutionGeometry> geometry)
    {
        if (context.Tensor(0).Shape is not { } x || context.Tensor(1).Shape is not { } w) return null;
        var windows = geometry(x, w).Windowed;
        context.Vector(bias, "B", w[0], "one for each filter");
        return new Shape([x[0], w[0], .. windows]);
    }

    /// <summary>Sizes of the result.</summary>
    public static long[] ResultDims(Tensor x, long filters, ImmutableArray<Dim> spatial) =>
        [x.Dims[0], filters, .. spatial.Select(d => d.Value!.Value)];

    /// <summary>Adds bias[channel] to each of <paramref name="count"/> elements of a channel.</summary>
    public static void AddBias(double[] y, double[] bias, int count)
    {
        for (int channel = 0; channel * count < y.Length; channel++)
            foreach (ref double element in y.AsSpan(channel * count, count)) element += bias[channel % bias.Length];
    }
}
