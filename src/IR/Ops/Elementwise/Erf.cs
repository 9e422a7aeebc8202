using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>Error function of each element. Source: ai.onnx Erf.</summary>
public sealed record Erf : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<Erf>("input", "output", [9, 13]).NewTypes(13, 0, DTypeSets.BFloat16);

    // Opset 9 also took integers, whose results were truncated.
    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context) => [context.Numbers(0)];

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        var values = Broadcasting.Map<double, double>(x.ToDoubles(), Apply);
        return [x.DType.IsFloat() ? context.Floats(x.DType, x.Dims.AsSpan(), values)
            : Tensor.FromDoubles(x.DType, x.Dims.AsSpan(), values)];
    }

    /// <inheritdoc/>
    protected override double Apply(double x) => Elementary.Erf(x);
}
