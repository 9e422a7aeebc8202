namespace Nncc.IR.Ops;

/// <summary>Indices into axes.</summary>
internal static class Places
{
    /// <summary>The index counted from the front, where negative ones count from the end; the user's fault where it is outside.</summary>
    public static long Resolve(long index, long size) => index >= -size && index < size ? (index < 0 ? index + size : index)
        : throw EvaluateContext.Fault(FaultCodes.Data, $"index {index} is outside of an axis of size {size}");

    /// <summary>The axis of a tensor, counted from the front.</summary>
    public static int Axis(long axis, int rank) => axis >= -rank && axis < rank ? (int)(axis < 0 ? axis + rank : axis)
        : throw EvaluateContext.Fault(FaultCodes.Data, $"axis {axis} is outside of rank {rank}");

    /// <summary>Product of sizes; the user's fault where it is beyond 64 bits.</summary>
    public static long Product(IEnumerable<long> sizes)
    {
        long[] all = [.. sizes];
        if (all.Contains(0)) return 0;
        Int128 product = 1;
        foreach (long size in all)
        {
            product *= size;
            if (product > long.MaxValue || product < long.MinValue)
                throw EvaluateContext.Fault(FaultCodes.SizeOverflow, $"the product of [{string.Join("x", all)}] is beyond 64 bits");
        }
        return (long)product;
    }
}
