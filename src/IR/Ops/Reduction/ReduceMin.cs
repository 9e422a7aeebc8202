using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>The least element along axes; the greatest value of the dtype over no elements. Source: ai.onnx ReduceMin.</summary>
/// <param name="Keepdims">Whether reduced axes stay with size 1.</param>
/// <param name="NoopWithEmptyAxes">Whether having no axes means each element by itself instead of all axes.</param>
public sealed record ReduceMin(bool Keepdims = true, bool NoopWithEmptyAxes = false) : Reduction(Keepdims, NoopWithEmptyAxes), IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = Define<ReduceMin>(18, 1, 11, 12, 13, 18, 20)
        .NewTypes(12, 0, DType.Int8, DType.UInt8).NewTypes(20, 0, DType.Bool);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Exact;

    private protected override bool Takes(DType dtype) => base.Takes(dtype) || dtype == DType.Bool;

    private protected override double Reduce(ReadOnlySpan<double> items)
    {
        double result = double.PositiveInfinity;
        foreach (double item in items) result = Math.Min(result, item);
        return result;
    }

    private protected override long Reduce(ReadOnlySpan<long> items, DType dtype)
    {
        long result = IntegerRange.Of(dtype).Max;
        foreach (long item in items)
            result = dtype == DType.UInt64 ? (long)Math.Min((ulong)result, (ulong)item) : Math.Min(result, item);
        return result;
    }

    private protected override Dim? Reduce(ImmutableArray<Dim> sizes) => sizes.Aggregate(Dim.Min);
}
