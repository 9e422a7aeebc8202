namespace Nncc.IR.Ops;

/// <summary>-x for each element. Source: ai.onnx Neg.</summary>
public sealed record Neg : NumberUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Neg>("X", "Y", [1, 6, 13]).Dropped(6, "consumed_inputs")
        .NewTypes(6, 0, DTypeSets.SignedIntegers).NewTypes(13, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => -x;

    /// <inheritdoc/>
    protected override long Apply(long x, DType dtype) => -x;

    /// <inheritdoc/>
    protected override Dim? Apply(Dim x) => -x;
}

/// <summary>|x| for each element. Source: ai.onnx Abs.</summary>
public sealed record Abs : NumberUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Abs>("X", "Y", [1, 6, 13]).Dropped(6, "consumed_inputs")
        .NewTypes(6, 0, DTypeSets.AllIntegers).NewTypes(13, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => Math.Abs(x);

    /// <inheritdoc/>
    protected override long Apply(long x, DType dtype) => x < 0 && dtype != DType.UInt64 ? -x : x;

    /// <inheritdoc/>
    protected override Dim? Apply(Dim x) => KnownSizes.IsAtLeast(x, 0) ? x : x.Value is not null ? -x : null;
}

/// <summary>-1, 0 or 1 after the sign of each element; NaN for NaN. Source: ai.onnx Sign.</summary>
public sealed record Sign : NumberUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<Sign>("input", "output", [9, 13]).NewTypes(13, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => x > 0 ? 1 : x < 0 ? -1 : x;

    /// <inheritdoc/>
    protected override long Apply(long x, DType dtype) => x == 0 ? 0 : x > 0 || dtype == DType.UInt64 ? 1 : -1;

    /// <inheritdoc/>
    public override bool IsDiscontinuous => true;
}
