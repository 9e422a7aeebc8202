using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>A comparison of each pair of elements of two tensors of one dtype that broadcast; every comparison with NaN is false.</summary>
public abstract record Comparison : Op
{
    /// <summary>The answer for floats.</summary>
    protected abstract bool Holds(double a, double b);

    /// <summary>The answer for integers other than uint64.</summary>
    protected abstract bool Holds(long a, long b);

    /// <summary>The answer for uint64.</summary>
    protected abstract bool Holds(ulong a, ulong b);

    /// <summary>The answer for sizes.</summary>
    protected abstract Answer Holds(Dim a, Dim b);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var (a, b) = (Operand(context, 0), Operand(context, 1));
        context.SameDType(0, 1);
        context.Know(0, KnownSizes.Map(context.Known(0), context.Known(1), (x, y) => KnownSizes.Of(Holds(x, y))));
        return [new TensorType(DType.Bool, context.Broadcast(a.Shape, b.Shape))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        Tensor a = context.Tensor(0), b = context.Tensor(1);
        long[] dims = Broadcasting.Dims(a, b);
        return [Tensor.Of(dims, a.DType.IsFloat()
            ? Broadcasting.Map<double, bool>(dims, a.Dims, a.ToDoubles(), b.Dims, b.ToDoubles(), Holds)
            : Broadcasting.Map<long, bool>(dims, a.Dims, a.ToLongs(), b.Dims, b.ToLongs(),
                a.DType == DType.UInt64 ? (x, y) => Holds((ulong)x, (ulong)y) : Holds))];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Elementwise(1);

    /// <summary>The type of an operand; fault where the op does not take it.</summary>
    protected virtual TensorType Operand(InferContext context, int index) => context.Numbers(index);
}

/// <summary>Whether elements are equal; also for bool and strings. Source: ai.onnx Equal.</summary>
public sealed record Equal : Comparison, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Equal>("A B", "C", [1, 7, 11, 13, 19]).LegacyBroadcast()
        .NewTypes(11, 0, [DType.Float16, DType.Float32, DType.Float64, DType.UInt8, DType.UInt16, DType.UInt32, DType.UInt64, DType.Int8,
            DType.Int16])
        .NewTypes(13, 0, DTypeSets.BFloat16).NewTypes(19, 0, DType.String);

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        Tensor a = context.Tensor(0), b = context.Tensor(1);
        if (a.DType != DType.String) return base.Evaluate(context);
        long[] dims = Broadcasting.Dims(a, b);
        return [Tensor.Of(dims, Broadcasting.Map<string,
            bool>(dims, a.Dims, a.Strings.ToArray(), b.Dims, b.Strings.ToArray(), string.Equals))];
    }

    /// <inheritdoc/>
    protected override TensorType Operand(InferContext context, int index) =>
        context.Tensor(index, d => !d.IsComplex(), "numeric, bool or string");

    /// <inheritdoc/>
    protected override bool Holds(double a, double b) => a == b;

    /// <inheritdoc/>
    protected override bool Holds(long a, long b) => a == b;

    /// <inheritdoc/>
    protected override bool Holds(ulong a, ulong b) => a == b;

    /// <inheritdoc/>
    protected override Answer Holds(Dim a, Dim b) => Dim.AreEqual(a, b);
}

/// <summary>Whether A is below B. Source: ai.onnx Less.</summary>
public sealed record Less : Comparison, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Less>("A B", "C", [1, 7, 9, 13]).LegacyBroadcast()
        .NewTypes(9, 0, DTypeSets.AllIntegers).NewTypes(13, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override bool Holds(double a, double b) => a < b;

    /// <inheritdoc/>
    protected override bool Holds(long a, long b) => a < b;

    /// <inheritdoc/>
    protected override bool Holds(ulong a, ulong b) => a < b;

    /// <inheritdoc/>
    protected override Answer Holds(Dim a, Dim b) => Dim.IsAtMost(a + 1, b);
}

/// <summary>Whether A is at most B. Source: ai.onnx LessOrEqual.</summary>
public sealed record LessOrEqual : Comparison, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<LessOrEqual>("A B", "C", [12, 16]).NewTypes(16, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override bool Holds(double a, double b) => a <= b;

    /// <inheritdoc/>
    protected override bool Holds(long a, long b) => a <= b;

    /// <inheritdoc/>
    protected override bool Holds(ulong a, ulong b) => a <= b;

    /// <inheritdoc/>
    protected override Answer Holds(Dim a, Dim b) => Dim.IsAtMost(a, b);
}

/// <summary>Whether A is above B. Source: ai.onnx Greater.</summary>
public sealed record Greater : Comparison, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Greater>("A B", "C", [1, 7, 9, 13]).LegacyBroadcast()
        .NewTypes(9, 0, DTypeSets.AllIntegers).NewTypes(13, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override bool Holds(double a, double b) => a > b;

    /// <inheritdoc/>
    protected override bool Holds(long a, long b) => a > b;

    /// <inheritdoc/>
    protected override bool Holds(ulong a, ulong b) => a > b;

    /// <inheritdoc/>
    protected override Answer Holds(Dim a, Dim b) => Dim.IsAtMost(b + 1, a);
}

/// <summary>Whether A is at least B. Source: ai.onnx GreaterOrEqual.</summary>
public sealed record GreaterOrEqual : Comparison, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<GreaterOrEqual>("A B", "C", [12, 16]).NewTypes(16, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    protected override bool Holds(double a, double b) => a >= b;

    /// <inheritdoc/>
    protected override bool Holds(long a, long b) => a >= b;

    /// <inheritdoc/>
    protected override bool Holds(ulong a, ulong b) => a >= b;

    /// <inheritdoc/>
    protected override Answer Holds(Dim a, Dim b) => Dim.IsAtMost(b, a);
}
