using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>Whether each element is NaN. Source: ai.onnx IsNaN.</summary>
public sealed record IsNaN : FloatTest, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<IsNaN>("X", "Y", [9, 13, 20])
        .NewTypes(13, 0, DTypeSets.BFloat16).NewTypes(20, 0, DTypeSets.Float8);

    /// <inheritdoc/>
    protected override bool Holds(double x) => double.IsNaN(x);
}

/// <summary>Whether each element is infinite. Source: ai.onnx IsInf.</summary>
/// <param name="DetectNegative">Whether -∞ counts.</param>
/// <param name="DetectPositive">Whether +∞ counts.</param>
public sealed record IsInf(bool DetectNegative = true, bool DetectPositive = true) : FloatTest, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<IsInf>("X", "Y", [10, 20])
        .NewTypes(20, 0, DType.Float16, DType.BFloat16).NewTypes(20, 0, DTypeSets.Float8);

    /// <inheritdoc/>
    protected override bool Holds(double x) =>
        (DetectNegative && double.IsNegativeInfinity(x)) || (DetectPositive && double.IsPositiveInfinity(x));
}

/// <summary>A question about each element of a float tensor.</summary>
public abstract record FloatTest : Op
{
    /// <summary>The answer.</summary>
    protected abstract bool Holds(double x);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context) => [context.Floats(0) with { DType = DType.Bool }];

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        return [Tensor.Of(x.Dims.AsSpan(), Broadcasting.Map<double, bool>(x.ToDoubles(), Holds))];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Elementwise(1);
}
