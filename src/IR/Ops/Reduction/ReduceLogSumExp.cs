using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// The natural logarithm of the sum of exponentials along axes; minus infinity over no elements. Source: ai.onnx ReduceLogSumExp.
/// </summary>
/// <param name="Keepdims">Whether reduced axes stay with size 1.</param>
/// <param name="NoopWithEmptyAxes">Whether having no axes means each element by itself instead of all axes.</param>
public sealed record ReduceLogSumExp(bool Keepdims = true, bool NoopWithEmptyAxes = false)
    : Reduction(Keepdims, NoopWithEmptyAxes), IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = Define<ReduceLogSumExp>(18, 1, 11, 13, 18);

    /// <summary>Greatest element, difference, exponential and sum for each element; a logarithm and a sum for each result.</summary>
    public override Work Measure(MeasureContext context) =>
        context.PerInput(4) with { Arithmetic = context.Input(0).Count * 4 + context.Output(0).Count * 2 };

    // The greatest element is taken out first, so that no exponential overflows.
    private protected override double Reduce(ReadOnlySpan<double> items)
    {
        double greatest = double.NegativeInfinity, sum = 0;
        foreach (double item in items) greatest = Math.Max(greatest, item);
        if (double.IsInfinity(greatest)) return greatest;
        foreach (double item in items) sum += Elementary.Exp(item - greatest);
        return greatest + Elementary.Log(sum);
    }
}
