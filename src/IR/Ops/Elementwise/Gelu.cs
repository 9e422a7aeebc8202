using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// x times the standard normal distribution function: x/2 (1 + erf(x / √2)), or with <paramref name="Approximate"/> tanh
/// x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))). Source: ai.onnx Gelu.
/// </summary>
/// <param name="Approximate">Which formula.</param>
public sealed record Gelu(GeluFormula Approximate = GeluFormula.None) : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Gelu>("X", "Y", [20]);

    /// <inheritdoc/>
    protected override double Apply(double x) => Approximate == GeluFormula.None
        ? 0.5 * x * (1 + Elementary.Erf(x * 0.7071067811865476))
        : 0.5 * x * (1 + Elementary.Tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)));

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Elementwise(Approximate == GeluFormula.None ? 5 : 8);
}

/// <summary>Formulas of <see cref="Gelu"/>.</summary>
public enum GeluFormula
{
    /// <summary>By the error function.</summary>
    None,
    /// <summary>By the hyperbolic tangent.</summary>
    Tanh,
}
