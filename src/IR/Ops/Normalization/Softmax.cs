using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>exp(x) over the sum of exp(x) along an axis. Source: ai.onnx Softmax.</summary>
/// <param name="Axis">The axis; negative ones count from the end.</param>
public sealed record Softmax(long Axis = -1) : AxisFunction(Axis), IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = Define<Softmax>();

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Relative(16);

    /// <summary>Greatest element, difference, exponential, sum, quotient for each element.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(5);

    // The greatest element is taken out first, so that no exponential overflows.
    private protected override void Apply(Span<double> items)
    {
        double greatest = Greatest(items), sum = 0;
        foreach (ref double item in items)
        {
            item = Elementary.Exp(item - greatest);
            sum += item;
        }
        foreach (ref double item in items) item /= sum;
    }
}
