namespace Nncc.IR.Evaluate;

/// <summary>The least and greatest value of integer dtypes and bool.</summary>
internal static class IntegerRange
{
    /// <summary>The range of a dtype; the greatest value of u64 is given as its bits, -1.</summary>
    public static (long Min, long Max) Of(DType dtype)
    {
        int bits = dtype.Bits();
        return dtype == DType.Bool ? (0, 1) : dtype == DType.UInt64 ? (0, -1)
            : dtype.IsUnsigned() ? (0, (1L << bits) - 1)
            : (-1L << (bits - 1), (1L << (bits - 1)) - 1 is var max && bits == 64 ? long.MaxValue : max);
    }
}
