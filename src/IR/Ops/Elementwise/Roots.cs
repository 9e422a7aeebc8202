namespace Nncc.IR.Ops;

/// <summary>Square root of each element; NaN below 0. Source: ai.onnx Sqrt.</summary>
public sealed record Sqrt : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Sqrt>("X", "Y", [1, 6, 13]).Dropped(6, "consumed_inputs")
        .NewTypes(13, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => Math.Sqrt(x);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Relative(1);
}

/// <summary>1 / x for each element. Source: ai.onnx Reciprocal.</summary>
public sealed record Reciprocal : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Reciprocal>("X", "Y", [1, 6, 13]).Dropped(6, "consumed_inputs")
        .NewTypes(13, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => 1 / x;

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Relative(1);
}
