namespace Nncc.IR.Ops;

/// <summary>Sum of two tensors. Source: ai.onnx Add.</summary>
public sealed record Add : NumberBinary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Add>("A B", "C", [1, 6, 7, 13, 14]).Arithmetic();

    /// <inheritdoc/>
    protected override double Apply(double a, double b) => a + b;

    /// <inheritdoc/>
    protected override long Apply(long a, long b) => a + b;

    /// <inheritdoc/>
    protected override ulong Apply(ulong a, ulong b) => a + b;

    /// <inheritdoc/>
    protected override Dim? Apply(Dim a, Dim b) => a + b;
}

/// <summary>Difference of two tensors. Source: ai.onnx Sub.</summary>
public sealed record Sub : NumberBinary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Sub>("A B", "C", [1, 6, 7, 13, 14]).Arithmetic();

    /// <inheritdoc/>
    protected override double Apply(double a, double b) => a - b;

    /// <inheritdoc/>
    protected override long Apply(long a, long b) => a - b;

    /// <inheritdoc/>
    protected override ulong Apply(ulong a, ulong b) => a - b;

    /// <inheritdoc/>
    protected override Dim? Apply(Dim a, Dim b) => a - b;
}

/// <summary>Product of two tensors, element by element. Source: ai.onnx Mul.</summary>
public sealed record Mul : NumberBinary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Mul>("A B", "C", [1, 6, 7, 13, 14]).Arithmetic();

    /// <inheritdoc/>
    protected override double Apply(double a, double b) => a * b;

    /// <inheritdoc/>
    protected override long Apply(long a, long b) => a * b;

    /// <inheritdoc/>
    protected override ulong Apply(ulong a, ulong b) => a * b;

    /// <inheritdoc/>
    protected override Dim? Apply(Dim a, Dim b) => a * b;
}

/// <summary>Quotient of two tensors; that of integers is truncated towards zero. Source: ai.onnx Div.</summary>
public sealed record Div : NumberBinary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Div>("A B", "C", [1, 6, 7, 13, 14]).Arithmetic();

    /// <inheritdoc/>
    protected override double Apply(double a, double b) => a / b;

    /// <inheritdoc/>
    protected override long Apply(long a, long b) => b switch
    {
        0 => throw EvaluateContext.Fault(FaultCodes.Data, $"{a} is divided by 0"),
        -1 => -a,
        _ => a / b,
    };

    /// <inheritdoc/>
    protected override ulong Apply(ulong a, ulong b) => b == 0 ? throw EvaluateContext.Fault(FaultCodes.Data, $"{a} is divided by 0")
        : a / b;

    /// <inheritdoc/>
    protected override Dim? Apply(Dim a, Dim b) => a.Value is { } x && b.Value is { } y and not (0 or -1) ? Dim.Of(x / y)
        : KnownSizes.IsAtLeast(a, 0) && KnownSizes.IsAtLeast(b, 1) ? Dim.FloorDiv(a, b) : null;
}

/// <summary>
/// Remainder of a division: with the sign of the divisor, or with that of the dividend if <paramref name="Fmod"/>. Source: ai.onnx Mod.
/// </summary>
/// <param name="Fmod">Whether the sign is that of the dividend; must be so for floats.</param>
public sealed record Mod(bool Fmod = false) : NumberBinary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<Mod>("A B", "C", [10, 13]).NewTypes(13, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    public override System.Collections.Immutable.ImmutableArray<IrType> Infer(InferContext context) =>
        Fmod || !context.Tensor(0).DType.IsFloat() ? base.Infer(context)
            : throw context.Fault(FaultCodes.Attribute, $"Mod of {context.Tensor(0)} needs fmod = 1", "only integers may have fmod = 0");

    /// <inheritdoc/>
    protected override double Apply(double a, double b) => a % b;

    /// <inheritdoc/>
    protected override long Apply(long a, long b)
    {
        if (b == 0) throw EvaluateContext.Fault(FaultCodes.Data, $"{a} modulo 0");
        if (b == -1) return 0;
        long remainder = a % b;
        return !Fmod && remainder != 0 && remainder < 0 != b < 0 ? remainder + b : remainder;
    }

    /// <inheritdoc/>
    protected override ulong Apply(ulong a, ulong b) => b == 0 ? throw EvaluateContext.Fault(FaultCodes.Data, $"{a} modulo 0") : a % b;

    /// <inheritdoc/>
    protected override Dim? Apply(Dim a, Dim b) => KnownSizes.IsAtLeast(b, 1) && (!Fmod || KnownSizes.IsAtLeast(a, 0)) ? Dim.Mod(a, b)
        : null;

    /// <inheritdoc/>
    public override bool IsDiscontinuous => true;
}

/// <summary>The changes of form that Add, Sub, Mul and Div share.</summary>
internal static class ArithmeticForms
{
    public static OpDefinition Arithmetic(this OpDefinition definition) => definition.LegacyBroadcast()
        .NewTypes(6, 0, DTypeSets.WideIntegers).NewTypes(13, 0, DTypeSets.BFloat16).NewTypes(14, 0, DTypeSets.NarrowIntegers);
}
