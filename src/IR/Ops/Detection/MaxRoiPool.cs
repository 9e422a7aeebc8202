using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// Regions of interest of X [n, c, h, w] brought to one size by the greatest element of each bin. Regions are (batch, x1, y1, x2, y2),
/// their corners rounded to elements and both inside; bins reach to whole elements and may overlap; an empty one is 0.
/// Source: ai.onnx MaxRoiPool; R. Girshick, "Fast R-CNN".
/// </summary>
/// <param name="PooledShape">Bins of a column and of a row.</param>
/// <param name="SpatialScale">Factor from the coordinates of regions to those of X.</param>
public sealed record MaxRoiPool(EquatableArray<long> PooledShape, float SpatialScale = 1) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<MaxRoiPool>("X rois", "Y", [1, 22])
        .NewTypes(22, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.ArithmeticFloats(0);
        context.ArithmeticFloats(1);
        context.SameDType(0, 1);
        if (PooledShape.Count != 2 || PooledShape.Any(p => p < 1))
            throw context.Fault(FaultCodes.Attribute, $"pooled_shape is two sizes of 1 and more, got {PooledShape}");
        Shape? image = context.Ranked(0, 4, "n,c,h,w"), rois = context.Ranked(1, 2, "regions,5");
        if (rois is not null) context.Same(rois[1], 5, "numbers of a region and 5");
        return [x with { Shape = image is null || rois is null ? null : [rois[0], image[1], PooledShape[0], PooledShape[1]] }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.InferDims(this);
        var x = context.Tensor(0);
        double[] items = x.ToDoubles(), regions = context.Tensor(1).ToDoubles(), y = new double[Broadcasting.Count(dims)];
        int channels = (int)x.Dims[1], height = (int)x.Dims[2], width = (int)x.Dims[3], at = 0;
        for (int roi = 0; roi < dims[0]; roi++)
        {
            double Corner(int i) => Math.Round(regions[5 * roi + i] * SpatialScale, MidpointRounding.AwayFromZero);
            double batch = regions[5 * roi];
            if (!(batch >= 0 && batch < x.Dims[0]))
                throw EvaluateContext.Fault(FaultCodes.Data, $"region {roi} is of image {batch}, and there are {x.Dims[0]}");
            double left = Corner(1), top = Corner(2), wide = Math.Max(Corner(3) - left + 1, 1), high = Math.Max(Corner(4) - top + 1, 1);
            for (int c = 0; c < channels; c++)
            {
                var plane = items.AsSpan(((int)batch * channels + c) * height * width, height * width);
                for (int row = 0; row < dims[2]; row++)
                    for (int column = 0; column < dims[3]; column++)
                    {
                        var (firstRow, endRow) = Range(row, high / dims[2], top, height);
                        var (firstColumn, endColumn) = Range(column, wide / dims[3], left, width);
                        double greatest = double.NegativeInfinity;
                        for (int i = firstRow; i < endRow; i++)
                            for (int j = firstColumn; j < endColumn; j++) greatest = Math.Max(greatest, plane[i * width + j]);
                        y[at++] = endRow > firstRow && endColumn > firstColumn ? greatest : 0;
                    }
            }
        }
        return [context.Floats(x.DType, dims, y)];
    }

    /// <summary>About a comparison for each element of X.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(1);

    private static (int From, int To) Range(int bin, double size, double start, int limit) =>
        ((int)Math.Clamp(Math.Floor(bin * size) + start, 0, limit), (int)Math.Clamp(Math.Ceiling((bin + 1) * size) + start, 0, limit));
}
