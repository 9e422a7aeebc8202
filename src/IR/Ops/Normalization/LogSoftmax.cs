using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>The natural logarithm of <see cref="Softmax"/>. Source: ai.onnx LogSoftmax.</summary>
/// <param name="Axis">The axis; negative ones count from the end.</param>
public sealed record LogSoftmax(long Axis = -1) : AxisFunction(Axis), IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = Define<LogSoftmax>();

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(16);

    /// <summary>
    /// Greatest element, difference, exponential, sum, difference for each element; a logarithm for each slice is left out.
    /// </summary>
    public override Work Measure(MeasureContext context) => context.PerInput(5);

    private protected override void Apply(Span<double> items)
    {
        double greatest = Greatest(items), sum = 0;
        foreach (double item in items) sum += Elementary.Exp(item - greatest);
        double logarithm = Elementary.Log(sum);
        foreach (ref double item in items) item = item - greatest - logarithm;
    }
}
