using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// Each element limited to [min, max], scalars that may be absent: min(max(x, min), max), so that a max below min wins. Source: ai.onnx
/// Clip.
/// </summary>
public sealed record Clip : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Clip>("input min? max?", "output", [1, 6, 11, 12, 13])
        .Dropped(6, "consumed_inputs").FloatAttributeToInput(11, "min", 1).FloatAttributeToInput(11, "max", 2)
        .NewTypes(12, 0, DTypeSets.AllIntegers).NewTypes(13, 0, DTypeSets.BFloat16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        var x = context.Numbers(0);
        for (int i = 1; i <= 2; i++)
        {
            if (!context.Has(i)) continue;
            context.SameDType(0, i);
            if (context.Tensor(i).Shape is { } shape && Dim.AreEqual(shape.Count, 1) == Answer.No)
                throw context.Fault(FaultCodes.OperandShape,
                    $"{(i == 1 ? "min" : "max")} must be a single number, got {context.Tensor(i)}");
        }
        return [x];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        var x = context.Tensor(0);
        Tensor? min = context.OptionalSingle(1), max = context.OptionalSingle(2);
        if (x.DType.IsFloat())
        {
            double low = min?.ToDouble() ?? double.NegativeInfinity, high = max?.ToDouble() ?? double.PositiveInfinity;
            return [context.Floats(x.DType, x.Dims.AsSpan(),
                Broadcasting.Map<double, double>(x.ToDoubles(), item => Math.Min(Math.Max(item, low), high)))];
        }
        return [EvaluateContext.Integers(x.DType, x.Dims.AsSpan(), Broadcasting.Map(x.ToLongs(), Integer(x.DType, min, max)))];
    }

    private static Func<long, long> Integer(DType dtype, Tensor? min, Tensor? max)
    {
        if (dtype == DType.UInt64)
        {
            ulong least = min is null ? ulong.MinValue : (ulong)min.ToLong(), greatest = max is null ? ulong.MaxValue : (ulong)max.ToLong();
            return item => (long)Math.Min(Math.Max((ulong)item, least), greatest);
        }
        long low = min?.ToLong() ?? long.MinValue, high = max?.ToLong() ?? long.MaxValue;
        return item => Math.Min(Math.Max(item, low), high);
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Elementwise(2);
}
