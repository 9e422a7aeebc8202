using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>Hyperbolic sine of each element. Source: ai.onnx Sinh.</summary>
public sealed record Sinh : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Sinh>("input", "output", [9, 22]).NewTypes(22, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => Elementary.Sinh(x);
}

/// <summary>Hyperbolic cosine of each element. Source: ai.onnx Cosh.</summary>
public sealed record Cosh : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Cosh>("input", "output", [9, 22]).NewTypes(22, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => Elementary.Cosh(x);
}

/// <summary>Hyperbolic tangent of each element. Source: ai.onnx Tanh.</summary>
public sealed record Tanh : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Tanh>("input", "output", [1, 6, 13]).Dropped(6, "consumed_inputs")
        .NewTypes(13, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => Elementary.Tanh(x);
}

/// <summary>Inverse hyperbolic sine of each element. Source: ai.onnx Asinh.</summary>
public sealed record Asinh : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Asinh>("input", "output", [9, 22])
        .NewTypes(22, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => Elementary.Asinh(x);
}

/// <summary>Inverse hyperbolic cosine of each element. Source: ai.onnx Acosh.</summary>
public sealed record Acosh : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Acosh>("input", "output", [9, 22])
        .NewTypes(22, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => Elementary.Acosh(x);
}

/// <summary>Inverse hyperbolic tangent of each element. Source: ai.onnx Atanh.</summary>
public sealed record Atanh : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Atanh>("input", "output", [9, 22])
        .NewTypes(22, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => Elementary.Atanh(x);
}
