namespace Nncc.IR.Ops;

/// <summary>
/// 1 for the first greatest element along an axis, NaN being greater than all numbers, 0 for the others. Source: ai.onnx Hardmax.
/// </summary>
/// <param name="Axis">The axis; negative ones count from the end.</param>
public sealed record Hardmax(long Axis = -1) : AxisFunction(Axis), IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = Define<Hardmax>();

    /// <inheritdoc/>
    public override bool IsDiscontinuous => true;

    /// <summary>A comparison for each element.</summary>
    public override Work Measure(MeasureContext context) => context.PerInput(1);

    private protected override void Apply(Span<double> items)
    {
        int best = 0;
        for (int i = 1; i < items.Length; i++)
            if (items[i] > items[best] || (double.IsNaN(items[i]) && !double.IsNaN(items[best]))) best = i;
        for (int i = 0; i < items.Length; i++) items[i] = i == best ? 1 : 0;
    }
}
