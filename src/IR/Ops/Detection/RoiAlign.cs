using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// Regions of interest of X [n, c, h, w] brought to one size: each bin is the mean or the greatest of bilinear samples in it. Regions are
/// (x1, y1, x2, y2). Source: ai.onnx RoiAlign.
/// </summary>
/// <param name="CoordinateTransformationMode">Whether pixels are half a pixel from their corner.</param>
/// <param name="Mode">What becomes of the samples of a bin.</param>
/// <param name="OutputHeight">Bins of a column.</param>
/// <param name="OutputWidth">Bins of a row.</param>
/// <param name="SamplingRatio">Samples along each axis of a bin; 0 for the size of a bin, rounded up.</param>
/// <param name="SpatialScale">Factor from the coordinates of regions to those of X.</param>
public sealed record RoiAlign(RoiCoordinates CoordinateTransformationMode = RoiCoordinates.HalfPixel, RoiMode Mode = RoiMode.Avg,
    long OutputHeight = 1, long OutputWidth = 1, long SamplingRatio = 0, float SpatialScale = 1) : Op, IOpDefined
{
    private const long MostSamples = 1 << 20;

    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<RoiAlign>("X rois batch_indices", "Y", [10, 16, 22])
        .Change(16, up: form =>
        {
            form.Attributes["coordinate_transformation_mode"] = "output_half_pixel";
        }, down: form =>
        {
            if ((form.Take<string>("coordinate_transformation_mode") as string ?? "half_pixel") == "output_half_pixel") return null;
            return "pixels are half a pixel from their corner from opset 16 on";
        }).NewTypes(22, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(32);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.ArithmeticFloats(0);
        context.ArithmeticFloats(1);
        context.SameDType(0, 1);
        context.Integers(2);
        if (OutputHeight < 1 || OutputWidth < 1 || SamplingRatio < 0)
            throw context.Fault(FaultCodes.Attribute, $"bins {OutputHeight}x{OutputWidth} with {SamplingRatio} samples");
        Shape? image = context.Ranked(0, 4, "n,c,h,w"), rois = context.Ranked(1, 2, "regions,4");
        if (rois is not null)
        {
            context.Same(rois[1], 4, "numbers of a region and 4");
            context.Vector(2, "batch_indices", rois[0], "one for each region");
        }
        return [x with { Shape = image is null || rois is null ? null : [rois[0], image[1], OutputHeight, OutputWidth] }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.InferDims(this), batches = context.Tensor(2).ToLongs();
        var x = context.Tensor(0);
        double[] items = x.ToDoubles(), regions = context.Tensor(1).ToDoubles(), y = new double[Broadcasting.Count(dims)];
        int channels = (int)x.Dims[1], height = (int)x.Dims[2], width = (int)x.Dims[3], at = 0;
        for (int roi = 0; roi < dims[0]; roi++)
        {
            long image = Places.Resolve(batches[roi], x.Dims[0]);
            double shift = CoordinateTransformationMode == RoiCoordinates.HalfPixel ? 0.5 : 0;
            double Corner(int i) => regions[4 * roi + i] * SpatialScale - shift;
            double left = Corner(0), top = Corner(1), wide = Corner(2) - left, high = Corner(3) - top;
            if (shift == 0) (wide, high) = (Math.Max(wide, 1), Math.Max(high, 1));
            double binHeight = high / OutputHeight, binWidth = wide / OutputWidth;
            long rows = Samples(binHeight), columns = Samples(binWidth);
            for (int c = 0; c < channels; c++)
            {
                var plane = items.AsSpan((int)(image * channels + c) * height * width, height * width);
                for (int row = 0; row < OutputHeight; row++)
                    for (int column = 0; column < OutputWidth; column++)
                    {
                        context.Cancellation.ThrowIfCancellationRequested();
                        y[at++] = Bin(plane, height, width, top + row * binHeight, left + column * binWidth, binHeight, binWidth,
                            rows, columns);
                    }
            }
        }
        return [context.Floats(x.DType, dims, y)];
    }

    /// <summary>Four products for each of some samples of a bin.</summary>
    public override Work Measure(MeasureContext context) => context.Elementwise(8 * Math.Max(1, Math.Min(SamplingRatio, 1000)));

    private long Samples(double size)
    {
        double count = SamplingRatio > 0 ? SamplingRatio : Math.Ceiling(size);
        return count <= MostSamples ? (long)Math.Max(0, count)
            : throw EvaluateContext.Fault(FaultCodes.Data, $"a bin of {size} has {count} samples along an axis");
    }

    private double Bin(ReadOnlySpan<double> plane, int height, int width, double top, double left, double binHeight, double binWidth,
        long rows, long columns)
    {
        double sum = 0, greatest = double.NegativeInfinity;
        for (long i = 0; i < rows; i++)
            for (long j = 0; j < columns; j++)
            {
                double y = top + (i + 0.5) * binHeight / rows, x = left + (j + 0.5) * binWidth / columns;
                var (total, most) = Sample(plane, height, width, y, x);
                sum += total;
                greatest = Math.Max(greatest, most);
            }
        if (Mode == RoiMode.Max) return double.IsNegativeInfinity(greatest) ? 0 : greatest;
        return sum / Math.Max(rows * columns, 1);
    }

    // The weighted corners of a sample: their sum and the greatest of them, which is what the mode "max" compares.
    private static (double Total, double Most) Sample(ReadOnlySpan<double> plane, int height, int width, double y, double x)
    {
        if (!(y >= -1 && y <= height && x >= -1 && x <= width) || plane.IsEmpty) return (0, 0);
        (y, x) = (Math.Max(y, 0), Math.Max(x, 0));
        int top = (int)y, left = (int)x, bottom = top + 1, right = left + 1;
        if (top >= height - 1) (y, top, bottom) = (height - 1, height - 1, height - 1);
        if (left >= width - 1) (x, left, right) = (width - 1, width - 1, width - 1);
        double down = y - top, along = x - left;
        double a = (1 - down) * (1 - along) * plane[top * width + left], b = (1 - down) * along * plane[top * width + right],
            c = down * (1 - along) * plane[bottom * width + left], d = down * along * plane[bottom * width + right];
        return (a + b + c + d, Math.Max(Math.Max(a, b), Math.Max(c, d)));
    }
}

/// <summary>Where pixels of a region are.</summary>
public enum RoiCoordinates
{
    /// <summary>Half a pixel from their corner.</summary>
    HalfPixel,
    /// <summary>At their corner.</summary>
    OutputHalfPixel,
}

/// <summary>What becomes of the samples of a bin.</summary>
public enum RoiMode
{
    /// <summary>Their mean.</summary>
    Avg,
    /// <summary>The greatest.</summary>
    Max,
}
