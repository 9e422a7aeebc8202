namespace Nncc.IR.Ops;

/// <summary>The square root of the sum of squares along axes; 0 over no elements. Source: ai.onnx ReduceL2.</summary>
/// <param name="Keepdims">Whether reduced axes stay with size 1.</param>
/// <param name="NoopWithEmptyAxes">Whether having no axes means each element by itself instead of all axes.</param>
public sealed record ReduceL2(bool Keepdims = true, bool NoopWithEmptyAxes = false) : Reduction(Keepdims, NoopWithEmptyAxes), IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = Define<ReduceL2>(18, 1, 11, 13, 18);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Relative(8);

    /// <summary>A square and an addition for each element, a root for each result.</summary>
    public override Work Measure(MeasureContext context) =>
        context.PerInput(2) with { Arithmetic = context.Input(0).Count * 2 + context.Output(0).Count };

    private protected override double Reduce(ReadOnlySpan<double> items)
    {
        double sum = 0;
        foreach (double item in items) sum += item * item;
        return Math.Sqrt(sum);
    }
}
