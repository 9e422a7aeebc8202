using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// The numbers start, start + delta, ... up to limit, which is not among them; operands are scalars. Source: ai.onnx Range.
/// </summary>
/// <param name="StashType">The dtype in which 16 bit floats are computed; here they are computed in binary64 whatever it says.</param>
public sealed record Range(DType StashType = DType.Float32) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<Range>("start limit delta", "output", [11, 27])
        .NewAttributes(27, "stash_type").NewTypes(27, 0, DType.Float16, DType.BFloat16);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        for (int i = 0; i < 3; i++)
            if (context.Numbers(i).Shape is { } shape && Dim.AreEqual(shape.Count, 1) == Answer.No)
                throw context.Fault(FaultCodes.OperandShape, $"start, limit and delta must be scalars, got {context.Tensor(i)}");
        context.SameDType(0, 1);
        var dtype = context.SameDType(0, 2);
        if (context.Constant(0) is { } start && context.Constant(1) is { } limit && context.Constant(2) is { } delta)
        {
            if (delta.ToDouble() == 0) throw context.Fault(FaultCodes.OperandShape, "delta is 0");
            long count = Count(start, limit, delta);
            if (!dtype.IsFloat() && count <= 4096)
                context.Know(0, [.. Enumerable.Range(0, (int)count).Select(i => Dim.Of(start.ToLong() + i * delta.ToLong()))]);
            return [new TensorType(dtype, [count])];
        }
        if (context.Known(0) is [var from] && context.Known(1) is [var to] && context.Known(2) is [{ Value: { } step and not 0 }])
            return [new TensorType(dtype, [Dim.Max(0, step > 0 ? Dim.CeilDiv(to - from, step) : Dim.CeilDiv(from - to, -step))])];
        return [new TensorType(dtype, [context.Fresh()])];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        Tensor start = context.Single(0), limit = context.Single(1), delta = context.Single(2);
        if (delta.ToDouble() == 0) throw EvaluateContext.Fault(FaultCodes.Data, "delta is 0");
        long count = Count(start, limit, delta);
        if (!start.DType.IsFloat())
        {
            long first = start.ToLong(), step = delta.ToLong();
            return [EvaluateContext.Integers(start.DType, [count], [.. Enumerable.Range(0, (int)count).Select(i => first + i * step)])];
        }
        double from = start.ToDouble(), by = delta.ToDouble();
        return [context.Floats(start.DType, [count], [.. Enumerable.Range(0, (int)count).Select(i => from + i * by)])];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Elementwise(1);

    // A rounding of start or limit can add an element.
    /// <inheritdoc/>
    public override bool IsDiscontinuous => true;

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(2);

    private static long Count(Tensor start, Tensor limit, Tensor delta)
    {
        if (start.DType.IsFloat()) return (long)Math.Max(0, Math.Ceiling((limit.ToDouble() - start.ToDouble()) / delta.ToDouble()));
        Int128 span = (Int128)limit.ToLong() - start.ToLong(), step = delta.ToLong();
        return (long)Int128.Max(0, step > 0 ? (span + step - 1) / step : (-span - step - 1) / -step);
    }
}
