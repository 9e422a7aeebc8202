namespace Nncc.IR;

/// <summary>Element type of a tensor. The numbers are those of <c>TensorProto.DataType</c> in onnx.proto.</summary>
public enum DType
{
    /// <summary>Not known yet; only opaque ops leave it so.</summary>
    Unknown = 0,
    /// <summary>IEEE binary32.</summary>
    Float32 = 1,
    /// <summary>8 bit unsigned integer.</summary>
    UInt8 = 2,
    /// <summary>8 bit signed integer.</summary>
    Int8 = 3,
    /// <summary>16 bit unsigned integer.</summary>
    UInt16 = 4,
    /// <summary>16 bit signed integer.</summary>
    Int16 = 5,
    /// <summary>32 bit signed integer.</summary>
    Int32 = 6,
    /// <summary>64 bit signed integer.</summary>
    Int64 = 7,
    /// <summary>UTF-8 text.</summary>
    String = 8,
    /// <summary>A truth value, one byte.</summary>
    Bool = 9,
    /// <summary>IEEE binary16.</summary>
    Float16 = 10,
    /// <summary>IEEE binary64.</summary>
    Float64 = 11,
    /// <summary>32 bit unsigned integer.</summary>
    UInt32 = 12,
    /// <summary>64 bit unsigned integer.</summary>
    UInt64 = 13,
    /// <summary>Two binary32: real and imaginary part.</summary>
    Complex64 = 14,
    /// <summary>Two binary64: real and imaginary part.</summary>
    Complex128 = 15,
    /// <summary>The upper half of a binary32.</summary>
    BFloat16 = 16,
    /// <summary>8 bits, 4 of exponent, 3 of mantissa, finite and NaN (OCP FP8).</summary>
    Float8E4M3FN = 17,
    /// <summary>As E4M3FN without negative zero.</summary>
    Float8E4M3FNUZ = 18,
    /// <summary>8 bits, 5 of exponent, 2 of mantissa, with infinities (OCP FP8).</summary>
    Float8E5M2 = 19,
    /// <summary>As E5M2 without infinities and negative zero.</summary>
    Float8E5M2FNUZ = 20,
    /// <summary>4 bit unsigned integer, two a byte.</summary>
    UInt4 = 21,
    /// <summary>4 bit signed integer, two a byte.</summary>
    Int4 = 22,
    /// <summary>4 bits, 2 of exponent, 1 of mantissa, two a byte (OCP MX).</summary>
    Float4E2M1 = 23,
    /// <summary>8 bits of exponent: a power of two (OCP MX scale).</summary>
    Float8E8M0 = 24,
    /// <summary>2 bit unsigned integer, four a byte.</summary>
    UInt2 = 25,
    /// <summary>2 bit signed integer, four a byte.</summary>
    Int2 = 26,
}

/// <summary>Facts about element types: size, family, text name.</summary>
public static class DTypes
{
    private static readonly string[] Names =
    [
        "?", "f32", "u8", "i8", "u16", "i16", "i32", "i64", "string", "bool", "f16", "f64", "u32", "u64", "c64", "c128", "bf16",
        "f8e4m3fn", "f8e4m3fnuz", "f8e5m2", "f8e5m2fnuz", "u4", "i4", "f4e2m1", "f8e8m0", "u2", "i2",
    ];

    /// <summary>All element types that a tensor can have, in the order of onnx.proto.</summary>
    public static IEnumerable<DType> All => Enumerable.Range(1, Names.Length - 1).Select(n => (DType)n);

    /// <summary>The name in text, such as <c>f32</c>.</summary>
    public static string Name(this DType dtype) =>
        (uint)dtype < (uint)Names.Length ? Names[(int)dtype] : $"dtype{(int)dtype}";

    /// <summary>The type of that text name, or null.</summary>
    public static DType? Parse(ReadOnlySpan<char> name)
    {
        for (int i = 0; i < Names.Length; i++)
            if (name.SequenceEqual(Names[i])) return (DType)i;
        return null;
    }

    /// <summary>Whether onnx.proto of today defines this number.</summary>
    public static bool IsDefined(int number) => number > 0 && number < Names.Length;

    /// <summary>Bits of one stored element; 0 for strings, whose elements are not of one size.</summary>
    public static int Bits(this DType dtype) => dtype switch
    {
        DType.UInt2 or DType.Int2 => 2,
        DType.UInt4 or DType.Int4 or DType.Float4E2M1 => 4,
        DType.UInt8 or DType.Int8 or DType.Bool => 8,
        DType.Float8E4M3FN or DType.Float8E4M3FNUZ or DType.Float8E5M2 or DType.Float8E5M2FNUZ or DType.Float8E8M0 => 8,
        DType.UInt16 or DType.Int16 or DType.Float16 or DType.BFloat16 => 16,
        DType.Float32 or DType.Int32 or DType.UInt32 => 32,
        DType.Float64 or DType.Int64 or DType.UInt64 or DType.Complex64 => 64,
        DType.Complex128 => 128,
        _ => 0,
    };

    /// <summary>Bytes that <paramref name="count"/> elements take in ONNX's raw form (elements under 8 bits are packed).</summary>
    public static long Bytes(this DType dtype, long count) => checked((count * dtype.Bits() + 7) / 8);

    /// <summary>Floating point of any width (complex types are not).</summary>
    public static bool IsFloat(this DType dtype) => dtype is DType.Float32 or DType.Float64 or DType.Float16 or DType.BFloat16
        or DType.Float8E4M3FN or DType.Float8E4M3FNUZ or DType.Float8E5M2 or DType.Float8E5M2FNUZ or DType.Float4E2M1 or DType.Float8E8M0;

    /// <summary>Signed or unsigned integer of any width (bool is not).</summary>
    public static bool IsInteger(this DType dtype) => dtype.IsSigned() || dtype.IsUnsigned();

    /// <summary>Signed integer of any width.</summary>
    public static bool IsSigned(this DType dtype) =>
        dtype is DType.Int8 or DType.Int16 or DType.Int32 or DType.Int64 or DType.Int4 or DType.Int2;

    /// <summary>Unsigned integer of any width.</summary>
    public static bool IsUnsigned(this DType dtype) =>
        dtype is DType.UInt8 or DType.UInt16 or DType.UInt32 or DType.UInt64 or DType.UInt4 or DType.UInt2;

    /// <summary>Complex64 or Complex128.</summary>
    public static bool IsComplex(this DType dtype) => dtype is DType.Complex64 or DType.Complex128;
}
