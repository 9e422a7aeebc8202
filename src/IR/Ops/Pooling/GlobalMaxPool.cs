namespace Nncc.IR.Ops;

/// <summary>The greatest element of each channel. Source: ai.onnx GlobalMaxPool.</summary>
public sealed record GlobalMaxPool : GlobalPool, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<GlobalMaxPool>("X", "Y", [1, 22]).NewTypes(22, 0, DType.BFloat16);

    private protected override double Pool(ReadOnlySpan<double> items)
    {
        double result = double.NegativeInfinity;
        foreach (double item in items) result = Math.Max(result, item);
        return result;
    }
}
