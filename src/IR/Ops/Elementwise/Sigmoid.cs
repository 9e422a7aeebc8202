using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>1 / (1 + e^-x) for each element. Source: ai.onnx Sigmoid.</summary>
public sealed record Sigmoid : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Sigmoid>("X", "Y", [1, 6, 13]).Dropped(6, "consumed_inputs")
        .NewTypes(13, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => Of(x);

    /// <summary>The function in binary64.</summary>
    internal static double Of(double x) => 1 / (1 + Elementary.Exp(-x));
}

/// <summary>max(0, min(1, alpha x + beta)) for each element. Source: ai.onnx HardSigmoid.</summary>
/// <param name="Alpha">Slope.</param>
/// <param name="Beta">Value at 0.</param>
public sealed record HardSigmoid(float Alpha = 0.2f, float Beta = 0.5f) : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<HardSigmoid>("X", "Y", [1, 6, 22]).Dropped(6, "consumed_inputs")
        .NewTypes(22, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => x * Alpha + Beta is var y && y < 0 ? 0 : y > 1 ? 1 : y;
}

/// <summary>x max(0, min(1, x / 6 + 1/2)) for each element. Source: ai.onnx HardSwish.</summary>
public sealed record HardSwish : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<HardSwish>("X", "Y", [14, 22])
        .WithBody(body => body.Becomes("Mul", body.X, body.Emit(new HardSigmoid(1 / 6f, 0.5f), body.X)), since: 14)
        .NewTypes(22, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => x * (x <= -3 ? 0 : x >= 3 ? 1 : x / 6 + 0.5);
}

/// <summary>x / (1 + e^(-alpha x)) for each element. Source: ai.onnx Swish.</summary>
/// <param name="Alpha">Factor inside of the sigmoid.</param>
public sealed record Swish(float Alpha = 1) : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Swish>("X", "Y", [24])
        .WithBody(body =>
        {
            float alpha = body.Form.Attributes.GetValueOrDefault("alpha") is float given ? given : 1;
            int slope = alpha == 1 ? body.X : body.Emit(new Mul(), body.X, body.Number(alpha));
            return body.Becomes("Mul", body.X, body.Emit(new Sigmoid(), slope));
        }, since: 24);

    /// <inheritdoc/>
    protected override double Apply(double x) => x * Sigmoid.Of(Alpha * x);
}
