using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>The natural logarithm of the sum along axes; minus infinity over no elements. Source: ai.onnx ReduceLogSum.</summary>
/// <param name="Keepdims">Whether reduced axes stay with size 1.</param>
/// <param name="NoopWithEmptyAxes">Whether having no axes means each element by itself instead of all axes.</param>
public sealed record ReduceLogSum(bool Keepdims = true, bool NoopWithEmptyAxes = false) : Reduction(Keepdims, NoopWithEmptyAxes), IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = Define<ReduceLogSum>(18, 1, 11, 13, 18);

    /// <summary>An addition for each element, a logarithm for each result.</summary>
    public override Work Measure(MeasureContext context) =>
        context.PerInput(1) with { Arithmetic = context.Input(0).Count + context.Output(0).Count };

    private protected override double Reduce(ReadOnlySpan<double> items)
    {
        double sum = 0;
        foreach (double item in items) sum += item;
        return Elementary.Log(sum);
    }
}
