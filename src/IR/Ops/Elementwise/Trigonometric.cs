using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>Sine of each element. Source: ai.onnx Sin.</summary>
public sealed record Sin : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Sin>("input", "output", [7, 22]).NewTypes(22, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => Elementary.Sin(x);
}

/// <summary>Cosine of each element. Source: ai.onnx Cos.</summary>
public sealed record Cos : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Cos>("input", "output", [7, 22]).NewTypes(22, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => Elementary.Cos(x);
}

/// <summary>Tangent of each element. Source: ai.onnx Tan.</summary>
public sealed record Tan : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Tan>("input", "output", [7, 22]).NewTypes(22, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => Elementary.Tan(x);
}

/// <summary>Arc sine of each element. Source: ai.onnx Asin.</summary>
public sealed record Asin : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Asin>("input", "output", [7, 22]).NewTypes(22, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => Elementary.Asin(x);
}

/// <summary>Arc cosine of each element. Source: ai.onnx Acos.</summary>
public sealed record Acos : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Acos>("input", "output", [7, 22]).NewTypes(22, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => Elementary.Acos(x);
}

/// <summary>Arc tangent of each element. Source: ai.onnx Atan.</summary>
public sealed record Atan : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Atan>("input", "output", [7, 22]).NewTypes(22, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => Elementary.Atan(x);
}
