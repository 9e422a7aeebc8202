using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// Transposed convolution: each element of X [n, c, spatial...] adds its multiple of a filter of W [c, m/group, kernel...] to the result
/// at stride · place, plus B [m]. Source: ai.onnx ConvTranspose.
/// </summary>
/// <param name="AutoPad">How padding is found.</param>
/// <param name="Dilations">Distance between taps; empty for 1.</param>
/// <param name="Group">Number of groups that channels and filters are divided into.</param>
/// <param name="KernelShape">Taps along each axis; empty for those of W.</param>
/// <param name="OutputPadding">How much larger the result is at the end; empty for 0.</param>
/// <param name="OutputShape">Sizes of the result's spatial axes, from which padding follows; empty where they are not given.</param>
/// <param name="Pads">What is cut off: all beginnings, then all ends; empty for 0.</param>
/// <param name="Strides">Distance between windows; empty for 1.</param>
public sealed record ConvTranspose(AutoPad AutoPad = AutoPad.NotSet, EquatableArray<long> Dilations = default, long Group = 1,
    EquatableArray<long> KernelShape = default, EquatableArray<long> OutputPadding = default, EquatableArray<long> OutputShape = default,
    EquatableArray<long> Pads = default, EquatableArray<long> Strides = default) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<ConvTranspose>("X W B?", "Y", [1, 11, 22])
        .Change(11, down: FormChange.Nothing).NewTypes(22, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(16);

    /// <summary>Where the windows lie in the result, for an operand [n, c, spatial...] and weights [c, m/group, kernel...].</summary>
    /// <exception cref="NnccException">Shapes or attributes do not fit.</exception>
    public ConvolutionGeometry Geometry(Shape x, Shape w)
    {
        if (x.Rank < 3 || w.Rank != x.Rank)
            throw new NnccException(FaultCodes.OperandShape,
                $"ConvTranspose takes [n,c,spatial..] and [c,m/group,kernel..] of one rank of 3 and more, got [{x}] and [{w}]");
        if (Group < 1) throw new NnccException(FaultCodes.Attribute, $"ConvTranspose takes a group of 1 and more, got {Group}");
        if (Dim.AreEqual(x[1], w[0]) == Answer.No)
            throw new NnccException(FaultCodes.OperandShape,
                $"ConvTranspose takes [n,c,spatial..] and [c,m/group,kernel..], got [{x}] and [{w}]");
        if (Dim.AreEqual(Dim.Mod(w[0], Group), 0) == Answer.No)
            throw new NnccException(FaultCodes.OperandShape,
                $"ConvTranspose divides its {w[0]} channels into {Group} groups, which leaves a rest");
        var kernel = ConvolutionOperands.Kernel("ConvTranspose", w, KernelShape);
        return ConvolutionGeometry.Transposed("ConvTranspose", x.Dims[2..], kernel,
            new WindowAttributes(AutoPad, Dilations, Pads, Strides), OutputPadding, OutputShape);
    }

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        context.ArithmeticFloats(0);
        var dtype = context.SameDType(0, 1);
        if (context.Has(2)) dtype = context.SameDType(0, 2);
        if (context.Tensor(0).Shape is not { } x || context.Tensor(1).Shape is not { } w) return [new TensorType(dtype, null)];
        var result = Geometry(x, w).Padded;
        context.Vector(2, "B", w[1] * Group, "one for each filter");
        return [new TensorType(dtype, new Shape([x[0], w[1] * Group, .. result]))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        Tensor x = context.Tensor(0), w = context.Tensor(1);
        var geometry = Geometry(x.Type.Shape!, w.Type.Shape!);
        var grid = new WindowGrid(geometry);
        int groups = (int)Group, channels = (int)w.Dims[0] / groups, filters = (int)w.Dims[1];
        double[] y = Sums(x.ToDoubles(), w.ToDoubles(), grid, (int)x.Dims[0], groups, channels, filters, context.Cancellation);
        if (context.Optional(2) is { } bias) ConvolutionOperands.AddBias(y, bias.ToDoubles(), grid.PaddedCount);
        return [context.Floats(x.DType, ConvolutionOperands.ResultDims(x, groups * filters, geometry.Padded), y)];
    }

    /// <summary>
    /// For each element of X, the filters of a group times the taps; adding the bias is one operation for each result element.
    /// </summary>
    public override Work Measure(MeasureContext context)
    {
        bool biased = context.Inputs.Length > 2 && context.Inputs[2] is not null;
        return context.Products(context.Input(0).Count * Dim.Product(context.Input(1).Dims.Skip(1)), biased ? context.Output(0).Count : 0);
    }

    // For each filter and tap the products over channels, as a row over all windows, are added where the tap stands in each window.
    private static double[] Sums(double[] x, double[] w, WindowGrid grid, int images, int groups, int channels, int filters,
        CancellationToken cancellation)
    {
        var y = new double[checked((long)images * groups * filters * grid.PaddedCount)];
        int windows = grid.Windows, taps = grid.Taps;
        IndependentLoop.For(images * groups * filters, (long)windows * taps * channels, cancellation, task =>
        {
            int filter = task % filters, group = task / filters;
            var weights = new double[channels];
            var products = new double[windows];
            var source = x.AsSpan(group * channels * windows, channels * windows);
            var target = y.AsSpan(task * grid.PaddedCount, grid.PaddedCount);
            for (int tap = 0; tap < taps; tap++)
            {
                for (int c = 0; c < channels; c++) weights[c] = w[((group % groups * channels + c) * filters + filter) * taps + tap];
                Array.Clear(products);
                MatrixProduct.AddRow<double>(weights, source, windows, products);
                var (from, to) = grid.Inside(tap % grid.RowTaps);
                for (int outer = 0; outer < grid.OuterWindows; outer++)
                {
                    int row = grid.Row(outer, tap / grid.RowTaps);
                    if (row < 0) continue;
                    int first = row + grid.First(tap % grid.RowTaps);
                    for (int window = from; window < to; window++)
                        target[first + window * grid.RowStride] += products[outer * grid.RowWindows + window];
                }
            }
        });
        return y;
    }
}
