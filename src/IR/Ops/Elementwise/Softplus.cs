using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>log(1 + e^x) for each element. Source: ai.onnx Softplus.</summary>
public sealed record Softplus : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Softplus>("X", "Y", [1, 22]).NewTypes(22, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => Of(x);

    /// <summary>The function in binary64.</summary>
    internal static double Of(double x) => double.IsNaN(x) ? x : Math.Max(x, 0) + Elementary.Log1p(Elementary.Exp(-Math.Abs(x)));
}

/// <summary>x / (1 + |x|) for each element. Source: ai.onnx Softsign.</summary>
public sealed record Softsign : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Softsign>("input", "output", [1, 22])
        .NewTypes(22, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => x / (1 + Math.Abs(x));
}

/// <summary>x tanh(log(1 + e^x)) for each element. Source: ai.onnx Mish.</summary>
public sealed record Mish : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Mish>("X", "Y", [18, 22])
        .WithBody(body => body.Becomes("Mul", body.X, body.Emit(new Tanh(), body.Emit(new Softplus(), body.X))), since: 18)
        .NewTypes(22, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => x * Elementary.Tanh(Softplus.Of(x));
}
