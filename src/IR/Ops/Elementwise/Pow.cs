using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>X to the power of Y; the dtypes may differ, the result has that of X. Source: ai.onnx Pow.</summary>
public sealed record Pow : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Pow>("X Y", "Z", [1, 7, 12, 13, 15]).LegacyBroadcast()
        .Change(12, down: form =>
            form.Type(0) is TensorType x && form.Type(1) is TensorType y && (x.DType != y.DType || x.DType.IsInteger())
            ? $"powers of {x.DType.Name()} by {y.DType.Name()} are taken from opset 12 on" : null)
        .NewTypes(13, 0, DTypeSets.BFloat16).NewTypes(15, 1, DTypeSets.BFloat16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        TensorType x = context.Numbers(0), y = context.Numbers(1);
        return [new TensorType(x.DType, context.Broadcast(x.Shape, y.Shape))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        Tensor x = context.Tensor(0), y = context.Tensor(1);
        long[] dims = Broadcasting.Dims(x, y);
        if (x.DType.IsInteger() && y.DType.IsInteger())
            return [EvaluateContext.Integers(x.DType, dims, Broadcasting.Map<long,
                long>(dims, x.Dims, x.ToLongs(), y.Dims, y.ToLongs(), OfIntegers))];
        var powers = Broadcasting.Map<double, double>(dims, x.Dims, x.ToDoubles(), y.Dims, y.ToDoubles(), Elementary.Pow);
        return [x.DType.IsFloat() ? context.Floats(x.DType, dims, powers) : Tensor.FromDoubles(x.DType, dims, powers)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Elementwise(1);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Relative(4);

    // Wraps; a negative power is truncated towards zero.
    private static long OfIntegers(long x, long y)
    {
        if (y < 0) return x switch
        {
            0 => throw EvaluateContext.Fault(FaultCodes.Data, $"0 to the power of {y}"),
            1 => 1,
            -1 => (y & 1) == 0 ? 1 : -1,
            _ => 0,
        };
        long result = 1;
        for (; y > 0; y >>= 1, x *= x)
            if ((y & 1) != 0) result *= x;
        return result;
    }
}
