using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// A convolution whose taps are moved by offsets [n, groups · taps · axes, windows...] and weighted by a mask [n, groups · taps,
/// windows...]; between elements it interpolates linearly, and outside of X is 0. Source: ai.onnx DeformConv.
/// </summary>
/// <param name="Dilations">Distance between taps; empty for 1.</param>
/// <param name="Group">Number of groups that channels and filters are divided into.</param>
/// <param name="KernelShape">Taps along each axis; empty for those of W.</param>
/// <param name="OffsetGroup">Number of groups of channels that have offsets of their own.</param>
/// <param name="Pads">Padding: all beginnings, then all ends; empty for 0.</param>
/// <param name="Strides">Distance between windows; empty for 1.</param>
public sealed record DeformConv(EquatableArray<long> Dilations = default, long Group = 1, EquatableArray<long> KernelShape = default,
    long OffsetGroup = 1, EquatableArray<long> Pads = default, EquatableArray<long> Strides = default) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<DeformConv>("X W offset B? mask?", "Y", [19, 22]).NewTypes(22, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(32);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.ArithmeticFloats(0);
        for (int i = 1; i < 5; i++)
            if (i < 3 || context.Has(i))
            {
                context.ArithmeticFloats(i);
                context.SameDType(0, i);
            }
        if (x.Shape is not { } input || context.Tensor(1).Shape is not { } w) return [x with { Shape = null }];
        var geometry = Geometry(input, w);
        if (OffsetGroup < 1) throw context.Fault(FaultCodes.Attribute, $"offset_group is {OffsetGroup}");
        context.Multiple(input[1], OffsetGroup, "the number of channels");
        context.Vector(3, "B", w[0], "one for each filter");
        Check(context, 2, "offset", input[0], OffsetGroup * geometry.Taps * geometry.Rank, geometry);
        Check(context, 4, "mask", input[0], OffsetGroup * geometry.Taps, geometry);
        return [x with { Shape = new Shape([input[0], w[0], .. geometry.Windowed]) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.InferDims(this);
        Tensor x = context.Tensor(0), w = context.Tensor(1);
        var geometry = Geometry(x.Type.Shape!, w.Type.Shape!);
        int rank = geometry.Rank, taps = (int)geometry.Taps.Value!, windows = (int)geometry.Windows.Value!;
        int channels = (int)x.Dims[1], filters = (int)w.Dims[0], perGroup = (int)w.Dims[1], size = (int)Places.Product(x.Dims.Skip(2));
        double[] items = x.ToDoubles(), weights = w.ToDoubles(), offsets = context.Tensor(2).ToDoubles();
        double[] bias = context.Optional(3)?.ToDoubles() ?? new double[filters], y = new double[Broadcasting.Count(dims)];
        double[]? mask = context.Optional(4)?.ToDoubles();
        var sampled = new double[channels * taps];
        var place = new double[rank];
        for (int n = 0; n < dims[0]; n++)
            for (int window = 0; window < windows; window++)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                for (int c = 0; c < channels; c++)
                    for (int tap = 0; tap < taps; tap++)
                    {
                        int moved = (n * (int)OffsetGroup + (int)(c / (channels / OffsetGroup))) * taps + tap;
                        Place(geometry, window, tap, place);
                        for (int axis = 0; axis < rank; axis++) place[axis] += offsets[(moved * rank + axis) * windows + window];
                        sampled[c * taps + tap] = Sample(items.AsSpan((n * channels + c) * size, size), geometry.Padded, place)
                            * (mask?[moved * windows + window] ?? 1);
                    }
                for (int f = 0; f < filters; f++)
                {
                    int first = f / (filters / (int)Group) * perGroup * taps;
                    double sum = bias[f];
                    for (int i = 0; i < perGroup * taps; i++) sum += weights[f * perGroup * taps + i] * sampled[first + i];
                    y[(n * filters + f) * windows + window] = sum;
                }
            }
        return [context.Floats(x.DType, dims, y)];
    }

    /// <summary>For each result element, the channels of a group times the taps.</summary>
    public override Work Measure(MeasureContext context) =>
        context.Products(context.Output(0).Count * Dim.Product(context.Input(1).Dims.Skip(1)));

    private ConvolutionGeometry Geometry(Shape x, Shape w) => ConvolutionOperands.Geometry(
        "DeformConv", x, w, KernelShape, Group, new WindowAttributes(AutoPad.NotSet, Dilations, Pads, Strides));

    private static void Check(InferContext context, int index, string name, Dim batch, Dim planes, ConvolutionGeometry geometry)
    {
        if (!context.Has(index) || context.Ranked(index, geometry.Rank + 2, "n,planes,windows...") is not { } shape) return;
        context.Same(shape[0], batch, $"batches of X and {name}");
        context.Same(shape[1], planes, $"planes of {name} and taps of all groups");
        for (int i = 0; i < geometry.Rank; i++) context.Same(shape[i + 2], geometry.Windowed[i], $"windows along axis {i} and {name}");
    }

    private static void Place(ConvolutionGeometry geometry, long window, long tap, Span<double> place)
    {
        for (int axis = geometry.Rank - 1; axis >= 0; axis--)
        {
            long kernel = geometry.Kernel[axis].Value!.Value, count = geometry.Windowed[axis].Value!.Value;
            place[axis] = window % count * geometry.Strides[axis] + tap % kernel * geometry.Dilations[axis]
                - geometry.PadsBegin[axis].Value!.Value;
            (window, tap) = (window / count, tap / kernel);
        }
    }

    private static double Sample(ReadOnlySpan<double> plane, ImmutableArray<Dim> sizes, ReadOnlySpan<double> place)
    {
        double sum = 0;
        for (int corner = 0; corner < 1 << place.Length; corner++)
        {
            double weight = 1;
            long at = 0;
            for (int axis = 0; axis < place.Length; axis++)
            {
                double below = Math.Floor(place[axis]), part = place[axis] - below;
                bool isUpper = (corner >> axis & 1) == 1;
                double element = isUpper ? below + 1 : below;
                weight *= isUpper ? part : 1 - part;
                long size = sizes[axis].Value!.Value;
                if (!(element >= 0 && element < size)) weight = 0;
                at = at * size + (weight == 0 ? 0 : (long)element);
            }
            if (weight != 0) sum += weight * plane[(int)at];
        }
        return sum;
    }
}
