using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// x + bias where x is below -lambd, x - bias where it is above lambd, else 0. Source: ai.onnx Shrink.
/// </summary>
/// <param name="Bias">How far elements move towards 0.</param>
/// <param name="Lambd">Half the width of the band that becomes 0.</param>
public sealed record Shrink(float Bias = 0, float Lambd = 0.5f) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Shrink>("input", "output", [9]);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context) => [context.Numbers(0)];

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        var values = Broadcasting.Map<double, double>(x.ToDoubles(), item => item < -Lambd ? item + Bias : item > Lambd ? item - Bias : 0);
        return [x.DType.IsFloat() ? context.Floats(x.DType, x.Dims.AsSpan(), values)
            : Tensor.FromDoubles(x.DType, x.Dims.AsSpan(), values)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Elementwise(3);

    /// <inheritdoc/>
    public override bool IsDiscontinuous => true;
}
