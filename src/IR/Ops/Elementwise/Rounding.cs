namespace Nncc.IR.Ops;

/// <summary>The greatest whole number that is not above each element. Source: ai.onnx Floor.</summary>
public sealed record Floor : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Floor>("X", "Y", [1, 6, 13]).Dropped(6, "consumed_inputs")
        .NewTypes(13, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => Math.Floor(x);

    /// <inheritdoc/>
    public override bool IsDiscontinuous => true;

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Exact;
}

/// <summary>The least whole number that is not below each element. Source: ai.onnx Ceil.</summary>
public sealed record Ceil : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Ceil>("X", "Y", [1, 6, 13]).Dropped(6, "consumed_inputs")
        .NewTypes(13, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => Math.Ceiling(x);

    /// <inheritdoc/>
    public override bool IsDiscontinuous => true;

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Exact;
}

/// <summary>The nearest whole number, of two equally near ones the even one. Source: ai.onnx Round.</summary>
public sealed record Round : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Round>("X", "Y", [11, 22]).NewTypes(22, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => Math.Round(x, MidpointRounding.ToEven);

    /// <inheritdoc/>
    public override bool IsDiscontinuous => true;

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Exact;
}
