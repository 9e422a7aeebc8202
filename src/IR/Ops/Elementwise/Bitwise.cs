using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>A function of the bits of each pair of elements of two integer tensors of one dtype that broadcast.</summary>
public abstract record Bitwise : Op
{
    /// <summary>The function on elements extended to 64 bits, after their sign where they have one.</summary>
    protected abstract long Apply(long a, long b);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        TensorType a = context.Integers(0), b = context.Integers(1);
        return [new TensorType(context.SameDType(0, 1), context.Broadcast(a.Shape, b.Shape))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        Tensor a = context.Tensor(0), b = context.Tensor(1);
        long[] dims = Broadcasting.Dims(a, b);
        return [EvaluateContext.Integers(a.DType, dims, Broadcasting.Map<long,
            long>(dims, a.Dims, a.ToLongs(), b.Dims, b.ToLongs(), Apply))];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Elementwise(1);
}

/// <summary>Bits set in both. Source: ai.onnx BitwiseAnd.</summary>
public sealed record BitwiseAnd : Bitwise, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<BitwiseAnd>("A B", "C", [18]);

    /// <inheritdoc/>
    protected override long Apply(long a, long b) => a & b;
}

/// <summary>Bits set in one or both. Source: ai.onnx BitwiseOr.</summary>
public sealed record BitwiseOr : Bitwise, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<BitwiseOr>("A B", "C", [18]);

    /// <inheritdoc/>
    protected override long Apply(long a, long b) => a | b;
}

/// <summary>Bits set in just one. Source: ai.onnx BitwiseXor.</summary>
public sealed record BitwiseXor : Bitwise, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<BitwiseXor>("A B", "C", [18]);

    /// <inheritdoc/>
    protected override long Apply(long a, long b) => a ^ b;
}

/// <summary>
/// X with its bits moved Y places to the more significant side (<see cref="ShiftDirection.Left"/>) or the other; zeros move in. Only
/// unsigned integers. Source: ai.onnx BitShift.
/// </summary>
/// <param name="Direction">Where the bits move.</param>
public sealed record BitShift(ShiftDirection Direction) : Bitwise, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<BitShift>("X Y", "Z", [11]);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        context.Tensor(0, DTypes.IsUnsigned, "unsigned integer");
        return base.Infer(context);
    }

    /// <inheritdoc/>
    protected override long Apply(long a, long b) => (ulong)b >= 64 ? 0 : Direction == ShiftDirection.Left ? a << (int)b
        : (long)((ulong)a >> (int)b);
}

/// <summary>Directions of <see cref="BitShift"/>.</summary>
public enum ShiftDirection
{
    /// <summary>To the more significant side.</summary>
    [OnnxName("LEFT")] Left,
    /// <summary>To the less significant side.</summary>
    [OnnxName("RIGHT")] Right,
}

/// <summary>All bits turned over. Source: ai.onnx BitwiseNot.</summary>
public sealed record BitwiseNot : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<BitwiseNot>("X", "Y", [18]);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context) => [context.Integers(0)];

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        return [EvaluateContext.Integers(x.DType, x.Dims.AsSpan(), Broadcasting.Map<long, long>(x.ToLongs(), item => ~item))];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Elementwise(1);
}
