using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>e to the power of each element. Source: ai.onnx Exp.</summary>
public sealed record Exp : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Exp>("input", "output", [1, 6, 13]).Dropped(6, "consumed_inputs")
        .NewTypes(13, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => Elementary.Exp(x);
}

/// <summary>Natural logarithm of each element. Source: ai.onnx Log.</summary>
public sealed record Log : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Log>("input", "output", [1, 6, 13]).Dropped(6, "consumed_inputs")
        .NewTypes(13, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => Elementary.Log(x);
}
