using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// Images [n, c, image...] as the sums of overlapping blocks: the operand [n, c · taps, blocks] holds the block at each window as a column.
/// Source: ai.onnx Col2Im.
/// </summary>
/// <param name="Dilations">Distance between taps; empty for 1.</param>
/// <param name="Pads">Padding of the image: all beginnings, then all ends; empty for 0.</param>
/// <param name="Strides">Distance between windows; empty for 1.</param>
public sealed record Col2Im(EquatableArray<long> Dilations = default, EquatableArray<long> Pads = default,
    EquatableArray<long> Strides = default) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Col2Im>("input image_shape block_shape", "output", [18]);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(8);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Tensor(0, t => t.IsArithmeticFloat() || t.IsInteger(), "numeric");
        context.Integers(1);
        context.Integers(2);
        var shape = context.Ranked(0, 3, "n,c·taps,blocks");
        if (context.Known(1) is not { } image || context.Known(2) is not { } block) return [x with { Shape = null }];
        if (image.Length == 0) throw context.Fault(FaultCodes.OperandShape, "an image has an axis at least");
        var geometry = Geometry(image, block);
        if (shape is null) return [x with { Shape = null }];
        context.Same(shape[2], geometry.Windows, "columns and windows");
        if (geometry.Taps.Value is { } taps) context.Multiple(shape[1], taps, "the number of rows");
        return [x with { Shape = new Shape([shape[0], Dim.FloorDiv(shape[1], geometry.Taps), .. image]) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.InferDims(this);
        var x = context.Tensor(0);
        ImmutableArray<Dim> image = [.. context.Tensor(1).ToLongs().Select(Dim.Of)],
            block = [.. context.Tensor(2).ToLongs().Select(Dim.Of)];
        var geometry = Geometry(image, block);
        int windows = (int)geometry.Windows.Value!, taps = (int)geometry.Taps.Value!, size = (int)Places.Product(dims[2..]);
        int[] places = TapPlaces(geometry, windows, taps);
        if (x.DType.IsInteger()) return [EvaluateContext.Integers(x.DType, dims, Sum(x.ToLongs(), places, size, dims))];
        return [context.Floats(x.DType, dims, Sum(x.ToDoubles(), places, size, dims))];
    }

    /// <summary>A sum for each element of the columns.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(1);

    private ConvolutionGeometry Geometry(ImmutableArray<Dim> image, ImmutableArray<Dim> block) =>
        ConvolutionGeometry.Over("Col2Im", image, block, new WindowAttributes(AutoPad.NotSet, Dilations, Pads, Strides));

    private static T[] Sum<T>(T[] columns, int[] places, int size, long[] dims) where T : System.Numerics.INumberBase<T>
    {
        var y = new T[Broadcasting.Count(dims)];
        for (int plane = 0; plane < dims[0] * dims[1]; plane++)
            for (int i = 0; i < places.Length; i++)
                if (places[i] >= 0) y[plane * size + places[i]] += columns[plane * places.Length + i];
        return y;
    }

    // For each tap and window the element of the image that it meets, -1 for padding.
    private static int[] TapPlaces(ConvolutionGeometry geometry, int windows, int taps)
    {
        var places = new int[checked(taps * windows)];
        for (int tap = 0; tap < taps; tap++)
            for (int window = 0; window < windows; window++)
            {
                long restTap = tap, restWindow = window, place = 0, step = 1;
                for (int axis = geometry.Rank - 1; axis >= 0; axis--)
                {
                    long kernel = geometry.Kernel[axis].Value!.Value, count = geometry.Windowed[axis].Value!.Value,
                        size = geometry.Padded[axis].Value!.Value;
                    long at = restWindow % count * geometry.Strides[axis] + restTap % kernel * geometry.Dilations[axis]
                        - geometry.PadsBegin[axis].Value!.Value;
                    place = at < 0 || at >= size || place < 0 ? -1 : place + at * step;
                    (restTap, restWindow, step) = (restTap / kernel, restWindow / count, step * size);
                }
                places[tap * windows + window] = (int)place;
            }
        return places;
    }
}
