using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>A connective of each pair of truth values of two tensors that broadcast.</summary>
public abstract record Connective : Op
{
    /// <summary>The connective.</summary>
    protected abstract bool Apply(bool a, bool b);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context) =>
        [new TensorType(DType.Bool, context.Broadcast(context.Truths(0).Shape, context.Truths(1).Shape))];

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        Tensor a = context.Tensor(0), b = context.Tensor(1);
        long[] dims = Broadcasting.Dims(a, b);
        return [Tensor.Of(dims, Broadcasting.Map<bool,
            bool>(dims, a.Dims, a.Span<bool>().ToArray(), b.Dims, b.Span<bool>().ToArray(), Apply))];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Elementwise(1);
}

/// <summary>Whether both are true. Source: ai.onnx And.</summary>
public sealed record And : Connective, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<And>("A B", "C", [1, 7]).LegacyBroadcast();

    /// <inheritdoc/>
    protected override bool Apply(bool a, bool b) => a & b;
}

/// <summary>Whether one or both are true. Source: ai.onnx Or.</summary>
public sealed record Or : Connective, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Or>("A B", "C", [1, 7]).LegacyBroadcast();

    /// <inheritdoc/>
    protected override bool Apply(bool a, bool b) => a | b;
}

/// <summary>Whether just one is true. Source: ai.onnx Xor.</summary>
public sealed record Xor : Connective, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Xor>("A B", "C", [1, 7]).LegacyBroadcast();

    /// <inheritdoc/>
    protected override bool Apply(bool a, bool b) => a ^ b;
}

/// <summary>Whether each element is false. Source: ai.onnx Not.</summary>
public sealed record Not : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Not>("X", "Y", [1]);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        context.Know(0, KnownSizes.Map(context.Known(0), x => 1 - x));
        return [context.Truths(0) with { DType = DType.Bool }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        return [Tensor.Of(x.Dims.AsSpan(), Broadcasting.Map(x.Span<bool>(), item => !item))];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Elementwise(1);
}
