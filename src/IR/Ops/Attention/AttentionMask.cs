using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// A mask that broadcasts to [batch, heads, queries, keys]: numbers to add to products, or truth values that say which keys are met.
/// Its last axis may be shorter than there are keys; the others are forbidden.
/// </summary>
internal sealed class AttentionMask
{
    private readonly double[] items;
    private readonly long[] strides;
    private readonly int keys;

    /// <summary>The mask for such sizes.</summary>
    /// <exception cref="NnccException">It does not broadcast to them.</exception>
    public AttentionMask(Tensor mask, int batch, int heads, int queries, int keys)
    {
        items = mask.ToDoubles();
        if (mask.DType == DType.Bool)
            foreach (ref double item in items.AsSpan()) item = item != 0 ? 0 : double.NegativeInfinity;
        long[] dims = [.. mask.Dims], full = [batch, heads, queries, keys];
        this.keys = dims.Length > 0 && dims[^1] > 1 ? (int)dims[^1] : keys;
        bool fits = dims.Length is > 0 and <= 4 && (dims[^1] == 1 || (dims[^1] > 0 && dims[^1] <= keys));
        for (int i = 1; i < dims.Length && fits; i++) fits = dims[^(i + 1)] == 1 || dims[^(i + 1)] == full[3 - i];
        if (!fits)
            throw EvaluateContext.Fault(FaultCodes.OperandShape,
                $"the mask {mask.Type} does not broadcast to [{string.Join("x", full)}]");
        strides = StridedWalk.BroadcastStrides(dims, 4);
    }

    /// <summary>What is added for a query and a key.</summary>
    public double this[int batch, int head, int query, int key] => key >= keys ? double.NegativeInfinity
        : items[batch * strides[0] + head * strides[1] + query * strides[2] + key * strides[3]];
}
