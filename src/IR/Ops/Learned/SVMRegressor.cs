using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// Σ coefficient · kernel(row, support vector) + rho for each row, or a linear score where there is no support vector. Source: ai.onnx.ml
/// SVMRegressor.
/// </summary>
/// <param name="Coefficients">One for each support vector, or for each feature.</param>
/// <param name="KernelParams">gamma, coef0, degree.</param>
/// <param name="KernelType">The kernel.</param>
/// <param name="NSupports">Number of support vectors.</param>
/// <param name="OneClass">Whether the result is 1 or -1, after the sign.</param>
/// <param name="PostTransform">What follows.</param>
/// <param name="Rho">The number that is added.</param>
/// <param name="SupportVectors">[vectors, features].</param>
public sealed record SVMRegressor(EquatableArray<float> Coefficients = default, EquatableArray<float> KernelParams = default,
    SvmKernelType KernelType = SvmKernelType.Linear, long NSupports = 0, bool OneClass = false,
    PostTransform PostTransform = PostTransform.None, EquatableArray<float> Rho = default, EquatableArray<float> SupportVectors = default)
    : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<SVMRegressor>("X", "Y", [1], "ai.onnx.ml");

    /// <inheritdoc/>
    public override string Domain => "ai.onnx.ml";

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(64);

    /// <inheritdoc/>
    public override bool IsDiscontinuous => OneClass;

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Tensor(0, t => t is DType.Float32 or DType.Float64 or DType.Int32 or DType.Int64, "f32, f64, i32 or i64");
        if (Rho.IsEmpty || NSupports < 0 || (NSupports > 0 && (Coefficients.Count != NSupports || SupportVectors.Count % NSupports != 0))
            || (x.Shape is { Rank: 1 or 2 } shape && shape[^1].Value is { } features
                && features != (NSupports > 0 ? SupportVectors.Count / NSupports : Coefficients.Count)))
            throw context.Fault(FaultCodes.Attribute, $"{Coefficients.Count} coefficients, {SupportVectors.Count} numbers of {NSupports} "
                + $"support vectors and {Rho.Count} rho do not fit {x}");
        return [new TensorType(DType.Float32, DecisionForest.ResultShape(context, 1))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        long[] dims = context.InferDims(this);
        var (items, rows, features) = DecisionForest.Rows(context.Tensor(0));
        var kernel = new SvmKernel(NSupports > 0 ? KernelType : SvmKernelType.Linear, KernelParams);
        var y = new double[rows];
        for (int row = 0; row < rows; row++)
        {
            var x = items.AsSpan(row * features, features);
            double sum = NSupports > 0 ? 0 : kernel.Of(x, Coefficients.Span);
            for (int v = 0; v < NSupports; v++) sum += Coefficients[v] * kernel.Of(x, SupportVectors.Span.Slice(v * features, features));
            sum += Rho[0];
            y[row] = OneClass ? (sum > 0 ? 1 : -1) : sum;
            PostTransform.Apply(y.AsSpan(row, 1));
        }
        return [context.Floats(DType.Float32, dims, y)];
    }

    /// <summary>A multiply-accumulate for each feature and support vector.</summary>
    public override Work Measure(MeasureContext context) => context.Products(context.Input(0).Count * Math.Max(1, NSupports));
}
