namespace Nncc.IR.Ops;

/// <summary>The sum of squares along axes; 0 over no elements. Source: ai.onnx ReduceSumSquare.</summary>
/// <param name="Keepdims">Whether reduced axes stay with size 1.</param>
/// <param name="NoopWithEmptyAxes">Whether having no axes means each element by itself instead of all axes.</param>
public sealed record ReduceSumSquare(bool Keepdims = true, bool NoopWithEmptyAxes = false)
    : Reduction(Keepdims, NoopWithEmptyAxes), IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = Define<ReduceSumSquare>(18, 1, 11, 13, 18);

    /// <summary>A square and an addition for each element.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(2);

    private protected override double Reduce(ReadOnlySpan<double> items)
    {
        double sum = 0;
        foreach (double item in items) sum += item * item;
        return sum;
    }

    private protected override long Reduce(ReadOnlySpan<long> items, DType dtype)
    {
        long sum = 0;
        foreach (long item in items) sum += item * item;
        return sum;
    }
}
