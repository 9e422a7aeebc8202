using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>The product along axes; 1 over no elements. Source: ai.onnx ReduceProd.</summary>
/// <param name="Keepdims">Whether reduced axes stay with size 1.</param>
/// <param name="NoopWithEmptyAxes">Whether having no axes means each element by itself instead of all axes.</param>
public sealed record ReduceProd(bool Keepdims = true, bool NoopWithEmptyAxes = false) : Reduction(Keepdims, NoopWithEmptyAxes), IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = Define<ReduceProd>(18, 1, 11, 13, 18);

    /// <inheritdoc/>
    public override Accuracy Accuracy => Accuracy.Relative(16);

    private protected override double Reduce(ReadOnlySpan<double> items)
    {
        double product = 1;
        foreach (double item in items) product *= item;
        return product;
    }

    private protected override long Reduce(ReadOnlySpan<long> items, DType dtype)
    {
        long product = 1;
        foreach (long item in items) product *= item;
        return product;
    }

    private protected override Dim? Reduce(ImmutableArray<Dim> sizes) => Dim.Product(sizes);
}
