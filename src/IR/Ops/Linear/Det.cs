using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// Determinants of square matrices [.., m, m], by elimination with the greatest pivot of each column. Source: ai.onnx Det.
/// </summary>
public sealed record Det : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Det>("X", "Y", [11, 22]).NewTypes(22, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(64);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.ArithmeticFloats(0);
        if (x.Shape is not { } shape) return [x];
        if (shape.Rank < 2 || Dim.AreEqual(shape[^1], shape[^2]) == Answer.No)
            throw context.Fault(FaultCodes.OperandShape, $"Det takes square matrices [..,m,m], got {x}");
        return [x with { Shape = new Shape(shape.Dims[..^2]) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.InferDims(this);
        var x = context.Tensor(0);
        int m = (int)x.Dims[^1];
        double[] items = x.ToDoubles(), y = new double[Broadcasting.Count(dims)];
        for (int i = 0; i < y.Length; i++) y[i] = Eliminate(items.AsSpan(i * m * m, m * m), m);
        return [context.Floats(x.DType, dims, y)];
    }

    /// <summary>m³/3 multiply-accumulates for each matrix.</summary>
    public override Work Measure(MeasureContext context) =>
        context.Products(Dim.FloorDiv(context.Input(0).Count * (context.Input(0).Rank == 0 ? 1 : context.Input(0)[^1]), 3));

    private static double Eliminate(Span<double> a, int m)
    {
        double product = 1;
        for (int k = 0; k < m; k++)
        {
            int pivot = k;
            for (int i = k + 1; i < m; i++)
                if (Math.Abs(a[i * m + k]) > Math.Abs(a[pivot * m + k])) pivot = i;
            if (a[pivot * m + k] == 0) return 0;
            if (pivot != k)
            {
                for (int j = k; j < m; j++) (a[k * m + j], a[pivot * m + j]) = (a[pivot * m + j], a[k * m + j]);
                product = -product;
            }
            product *= a[k * m + k];
            for (int i = k + 1; i < m; i++)
            {
                double factor = a[i * m + k] / a[k * m + k];
                for (int j = k + 1; j < m; j++) a[i * m + j] -= factor * a[k * m + j];
            }
        }
        return product;
    }
}
