namespace Nncc.IR.Ops;

/// <summary>
/// The mean along axes; for integers the quotient without its fraction; NaN over no elements. Source: ai.onnx ReduceMean.
/// </summary>
/// <param name="Keepdims">Whether reduced axes stay with size 1.</param>
/// <param name="NoopWithEmptyAxes">Whether having no axes means each element by itself instead of all axes.</param>
public sealed record ReduceMean(bool Keepdims = true, bool NoopWithEmptyAxes = false) : Reduction(Keepdims, NoopWithEmptyAxes), IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = Define<ReduceMean>(18, 1, 11, 13, 18);

    /// <summary>One addition for each element, one division for each result.</summary>
    public override Work Measure(MeasureContext context) =>
        base.Measure(context) with { Arithmetic = context.Input(0).Count + context.Output(0).Count };

    private protected override double Reduce(ReadOnlySpan<double> items)
    {
        double sum = 0;
        foreach (double item in items) sum += item;
        return sum / items.Length;
    }

    private protected override long Reduce(ReadOnlySpan<long> items, DType dtype)
    {
        if (items.IsEmpty) throw EvaluateContext.Fault(FaultCodes.Data, $"the mean of no {dtype.Name()} is not a number");
        long sum = 0;
        foreach (long item in items) sum += item;
        return dtype == DType.UInt64 ? (long)((ulong)sum / (ulong)items.Length) : sum / items.Length;
    }
}
