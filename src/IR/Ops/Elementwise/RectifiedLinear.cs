using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>max(0, x) for each element. Source: ai.onnx Relu.</summary>
public sealed record Relu : NumberUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Relu>("X", "Y", [1, 6, 13, 14]).Dropped(6, "consumed_inputs")
        .NewTypes(13, 0, DTypeSets.BFloat16).NewTypes(14, 0, DTypeSets.SignedIntegers);

    /// <inheritdoc/>
    protected override double Apply(double x) => x < 0 ? 0 : x;

    /// <inheritdoc/>
    protected override long Apply(long x, DType dtype) => x < 0 && dtype != DType.UInt64 ? 0 : x;
}

/// <summary>x where it is at least 0, else alpha x. Source: ai.onnx LeakyRelu.</summary>
/// <param name="Alpha">Slope below 0.</param>
public sealed record LeakyRelu(float Alpha = 0.01f) : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<LeakyRelu>("X", "Y", [1, 6, 16]).Dropped(6, "consumed_inputs")
        .NewTypes(16, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => x < 0 ? Alpha * x : x;

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Relative(1);
}

/// <summary>x where it is at least 0, else slope x; the slope broadcasts to X, never X to it. Source: ai.onnx PRelu.</summary>
public sealed record PRelu : NumberBinary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<PRelu>("X slope", "Y", [1, 6, 7, 9, 16]).Dropped(6, "consumed_inputs")
        .Change(7, up: form =>
        {
            // Before opset 7 a slope of one axis stood for the channels, axis 1.
            if (form.Rank(1) != 1 || form.Rank(0) is not (> 2 and var rank)) return;
            var axes = form.Scope.AddConstant(Tensor.Vector([.. Enumerable.Range(1, rank - 2).Select(i => (long)i)]));
            form.Inputs[1] = form.Scope.Emit(new Unsqueeze(), form.Inputs[1], axes);
        }, down: form => form.Type(1) is TensorType { Shape: { } slope } && slope.Count.Value == 1
            ? null : "a slope that broadcasts is taken from opset 7 on")
        .NewTypes(9, 0, DTypeSets.WideIntegers).NewTypes(16, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var type = (TensorType)base.Infer(context)[0];
        var x = context.Tensor(0);
        if (x.Shape is not null && type.Shape is not null && TypeRelation.Contradicts(x.Shape, type.Shape))
            throw context.Fault(FaultCodes.OperandShape, $"the slope {context.Tensor(1)} does not broadcast to {x}");
        return [type with { Shape = x.Shape }];
    }

    /// <inheritdoc/>
    protected override double Apply(double a, double b) => a < 0 ? a * b : a;

    /// <inheritdoc/>
    protected override long Apply(long a, long b) => a < 0 ? a * b : a;

    /// <inheritdoc/>
    protected override ulong Apply(ulong a, ulong b) => a;

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Relative(1);
}

/// <summary>x where it is above alpha, else 0. Source: ai.onnx ThresholdedRelu.</summary>
/// <param name="Alpha">Threshold.</param>
public sealed record ThresholdedRelu(float Alpha = 1) : FloatUnary, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<ThresholdedRelu>("X", "Y", [10, 22]).NewTypes(22, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override double Apply(double x) => x > Alpha ? x : 0;

    /// <inheritdoc/>
    public override bool IsDiscontinuous => Alpha != 0;

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Exact;
}
