using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// The places [n, spatial..., axes] that an affine map theta [n, axes, axes + 1] gives for the elements of a tensor of size
/// [n, c, spatial...], in coordinates from -1 to 1, the last axis first: a grid for <see cref="GridSample"/>. Source: ai.onnx AffineGrid.
/// </summary>
/// <param name="AlignCorners">Whether -1 and 1 are the centers of the outer elements instead of their edges.</param>
public sealed record AffineGrid(bool AlignCorners = false) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<AffineGrid>("theta size", "grid", [20]);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(8);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var theta = context.ArithmeticFloats(0);
        context.Integers(1);
        var shape = context.Ranked(0, 3, "n,axes,axes+1");
        if (shape is not null && (shape[1].Value is not (null or 2 or 3)
            || Dim.AreEqual(shape[1] + 1, shape[2]) == Answer.No))
            throw context.Fault(FaultCodes.OperandShape, $"theta must be [n,2,3] or [n,3,4], got {theta}");
        if (context.Known(1) is not { } size) return [theta with { Shape = shape?[1].Value is { } axes
            ? new Shape([shape[0], .. Enumerable.Range(0, (int)axes).Select(_ => context.Fresh()), axes]) : null }];
        if (size.Length is not (4 or 5) || (shape?[1].Value is { } rank && rank != size.Length - 2))
            throw context.Fault(FaultCodes.OperandShape, $"theta {theta} makes no grid for a tensor of {size.Length} axes");
        if (shape is not null) context.Same(shape[0], size[0], "maps and images");
        return [theta with { Shape = [size[0], .. size[2..], size.Length - 2] }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.InferDims(this);
        var theta = context.Tensor(0);
        double[] maps = theta.ToDoubles(), y = new double[Broadcasting.Count(dims)];
        int axes = (int)theta.Dims[1], points = (int)Places.Product(dims[1..^1]);
        var place = new double[axes + 1];
        place[axes] = 1;
        for (int n = 0; n < dims[0]; n++)
            for (int point = 0; point < points; point++)
            {
                int rest = point;
                // x is the last spatial axis.
                for (int axis = 0; axis < axes; axis++)
                {
                    int size = (int)dims[axes - axis];
                    place[axis] = AlignCorners ? (size == 1 ? -1 : 2.0 * (rest % size) / (size - 1) - 1)
                        : (2.0 * (rest % size) + 1) / size - 1;
                    rest /= size;
                }
                for (int axis = 0; axis < axes; axis++)
                    for (int i = 0; i <= axes; i++) y[(n * points + point) * axes + axis] += maps[(n * axes + axis) * (axes + 1)
                        + i] * place[i];
            }
        return [context.Floats(theta.DType, dims, y)];
    }

    /// <summary>A multiply-accumulate for each entry of the map and point.</summary>
    public override Work Measure(MeasureContext context) =>
        context.Products(context.Output(0).Count * (context.Input(0).Rank == 3 ? context.Input(0)[2] : 1));
}
