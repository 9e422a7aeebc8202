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
    public static OpDefinition Definition { get; } = OpDefinition.For<Gelu>("X", "Y", [20])
        .WithBody(body =>
        {
            bool isTanh = body.Form.Attributes.GetValueOrDefault("approximate") is "tanh";
            int within = isTanh ? body.Emit(new Tanh(), body.Emit(new Mul(), body.Number(0.7978845608028654), Cubic(body)))
                : body.Emit(new Erf(), body.Emit(new Mul(), body.X, body.Number(0.7071067811865476)));
            int sum = body.Emit(new Add(), within, body.Number(1));
            return body.Becomes("Mul", body.Emit(new Mul(), body.X, body.Number(0.5)), sum);
        }, since: 20);

    /// <inheritdoc/>
    protected override double Apply(double x) => Approximate == GeluFormula.None
        ? 0.5 * x * (1 + Elementary.Erf(x * 0.7071067811865476))
        : 0.5 * x * (1 + Elementary.Tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)));

    private static int Cubic(FormBody body) => body.Emit(new Add(), body.X, body.Emit(new Mul(), body.Number(0.044715),
        body.Emit(new Mul(), body.X, body.Emit(new Mul(), body.X, body.X))));

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
