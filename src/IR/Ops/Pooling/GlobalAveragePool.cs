namespace Nncc.IR.Ops;

/// <summary>The mean of each channel. Source: ai.onnx GlobalAveragePool.</summary>
public sealed record GlobalAveragePool : GlobalPool, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<GlobalAveragePool>("X", "Y", [1, 22]).NewTypes(22, 0, DType.BFloat16);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.OfSum(8);

    private protected override double Pool(ReadOnlySpan<double> items)
    {
        double sum = 0;
        foreach (double item in items) sum += item;
        return sum / items.Length;
    }
}
