using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>x where it is at least 0, else alpha (e^x - 1). Source: ai.onnx Elu.</summary>
/// <param name="Alpha">Negative of the limit at -∞.</param>
public sealed record Elu(float Alpha = 1) : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Elu>("X", "Y", [1, 6, 22]).Dropped(6, "consumed_inputs")
        .NewTypes(22, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => x < 0 ? Alpha * Elementary.Expm1(x) : x;
}

/// <summary>max(0, x) + min(0, alpha (e^(x / alpha) - 1)) for each element. Source: ai.onnx Celu.</summary>
/// <param name="Alpha">Scale of the exponential part.</param>
public sealed record Celu(float Alpha = 1) : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Celu>("X", "Y", [12])
        .NewTypes(28, 0, DType.Float16, DType.Float64, DType.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => double.IsNaN(x) ? x : Math.Max(0, x) + Math.Min(0, Alpha * Elementary.Expm1(x / Alpha));
}

/// <summary>gamma x where x is above 0, else gamma alpha (e^x - 1). Source: ai.onnx Selu.</summary>
/// <param name="Alpha">Scale of the exponential part.</param>
/// <param name="Gamma">Scale of all.</param>
public sealed record Selu(float Alpha = Selu.DefaultAlpha, float Gamma = Selu.DefaultGamma) : FloatUnary, IOpDefined
{
    private const float DefaultAlpha = 1.67326319217681884765625f, DefaultGamma = 1.05070102214813232421875f;

    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Selu>("X", "Y", [1, 6, 22]).Dropped(6, "consumed_inputs")
        .Change(6, up: form => SetDefaults(form, 1.6732f, 1.0507f), down: form =>
        {
            SetDefaults(form, DefaultAlpha, DefaultGamma);
            return null;
        }).NewTypes(22, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => Gamma * (x > 0 ? x : Alpha * Elementary.Expm1(x));

    // The defaults are not the same before and from opset 6 on.
    private static void SetDefaults(OpForm form, float alpha, float gamma)
    {
        form.Attributes.TryAdd("alpha", alpha);
        form.Attributes.TryAdd("gamma", gamma);
    }
}
