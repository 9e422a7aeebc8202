using Nncc.Passes.Programs;

namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>
/// Filters in another order with zeros among them: a packing that says for each packed element which element of the filters it is.
/// </summary>
public abstract record PlacedPanels : WeightTransform
{
    /// <summary>For each packed element which one of the filters it is; -1 for a zero.</summary>
    /// <param name="source">Type of the filters.</param>
    protected abstract IEnumerable<long> Places(TensorType source);

    /// <inheritdoc/>
    public override Tensor Pack(Tensor? source)
    {
        var to = new float[PackedBytes(source) / sizeof(float)];
        var from = source!.Span<float>();
        long at = 0;
        foreach (long element in Places(source.Type))
        {
            if (element >= 0) to[at] = from[(int)element];
            at++;
        }
        return Tensor.Vector(to);
    }

    /// <inheritdoc/>
    public override Tensor Unpack(Tensor packed, TensorType source)
    {
        var dims = source.Shape!.ToStatic()!;
        var to = new float[((ReadOnlySpan<long>)dims).Product()];
        var from = packed.Span<float>();
        int at = 0;
        foreach (long element in Places(source))
        {
            if (element >= 0) to[element] = from[at];
            at++;
        }
        return Tensor.Of(dims, to);
    }
}
