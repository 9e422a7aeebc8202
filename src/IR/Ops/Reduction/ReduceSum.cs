using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>The sum along axes; 0 over no elements. Source: ai.onnx ReduceSum.</summary>
/// <param name="Keepdims">Whether reduced axes stay with size 1.</param>
/// <param name="NoopWithEmptyAxes">Whether having no axes means each element by itself instead of all axes.</param>
public sealed record ReduceSum(bool Keepdims = true, bool NoopWithEmptyAxes = false) : Reduction(Keepdims, NoopWithEmptyAxes), IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = Define<ReduceSum>(13, 1, 11, 13);

    private protected override double Reduce(ReadOnlySpan<double> items)
    {
        double sum = 0;
        foreach (double item in items) sum += item;
        return sum;
    }

    private protected override long Reduce(ReadOnlySpan<long> items, DType dtype)
    {
        long sum = 0;
        foreach (long item in items) sum += item;
        return sum;
    }

    private protected override Dim? Reduce(ImmutableArray<Dim> sizes) => sizes.Aggregate(Dim.Of(0), (sum, size) => sum + size);
}
