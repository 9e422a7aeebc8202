namespace Nncc.IR;

/// <summary>Sets of dtypes that the standard's type constraints gained together.</summary>
internal static class DTypeSets
{
    public static DType[] BFloat16 { get; } = [DType.BFloat16];

    public static DType[] AllIntegers { get; } =
        [DType.UInt8, DType.UInt16, DType.UInt32, DType.UInt64, DType.Int8, DType.Int16, DType.Int32, DType.Int64];

    public static DType[] SignedIntegers { get; } = [DType.Int8, DType.Int16, DType.Int32, DType.Int64];

    public static DType[] WideIntegers { get; } = [DType.Int32, DType.Int64, DType.UInt32, DType.UInt64];

    public static DType[] NarrowIntegers { get; } = [DType.UInt8, DType.UInt16, DType.Int8, DType.Int16];

    public static DType[] AllButFloats { get; } = [.. AllIntegers, DType.Bool, DType.String, DType.Complex64, DType.Complex128];

    public static DType[] Float8 { get; } = [DType.Float8E4M3FN, DType.Float8E4M3FNUZ, DType.Float8E5M2, DType.Float8E5M2FNUZ];

    public static DType[] Integer4 { get; } = [DType.UInt4, DType.Int4];

    public static DType[] Integer2 { get; } = [DType.UInt2, DType.Int2];
}
