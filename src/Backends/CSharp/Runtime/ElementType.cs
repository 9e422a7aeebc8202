namespace Nncc.Backends.CSharp.Runtime;

/// <summary>Type of a tensor's elements. The numbers are those of ONNX.</summary>
internal enum ElementType
{
    /// <summary>IEEE binary32: <see cref="float"/>.</summary>
    Float32 = 1,
    /// <summary><see cref="byte"/>.</summary>
    UInt8 = 2,
    /// <summary><see cref="sbyte"/>.</summary>
    Int8 = 3,
    /// <summary><see cref="ushort"/>.</summary>
    UInt16 = 4,
    /// <summary><see cref="short"/>.</summary>
    Int16 = 5,
    /// <summary><see cref="int"/>.</summary>
    Int32 = 6,
    /// <summary><see cref="long"/>.</summary>
    Int64 = 7,
    /// <summary><see cref="bool"/>, one byte.</summary>
    Bool = 9,
    /// <summary>IEEE binary16: <see cref="Half"/>.</summary>
    Float16 = 10,
    /// <summary>IEEE binary64: <see cref="double"/>.</summary>
    Float64 = 11,
    /// <summary><see cref="uint"/>.</summary>
    UInt32 = 12,
    /// <summary><see cref="ulong"/>.</summary>
    UInt64 = 13,
    /// <summary>The upper half of a binary32, held as its bits in <see cref="ushort"/>.</summary>
    BFloat16 = 16,
}

/// <summary>Facts about element types.</summary>
internal static class ElementTypes
{
    /// <summary>Bytes of an element.</summary>
    public static int Bytes(this ElementType type) => type switch
    {
        ElementType.UInt8 or ElementType.Int8 or ElementType.Bool => 1,
        ElementType.UInt16 or ElementType.Int16 or ElementType.Float16 or ElementType.BFloat16 => 2,
        ElementType.Float32 or ElementType.Int32 or ElementType.UInt32 => 4,
        _ => 8,
    };

    /// <summary>A new array of elements, zero.</summary>
    public static Array NewArray(this ElementType type, long count) => type switch
    {
        ElementType.Float32 => new float[count],
        ElementType.UInt8 => new byte[count],
        ElementType.Int8 => new sbyte[count],
        ElementType.UInt16 or ElementType.BFloat16 => new ushort[count],
        ElementType.Int16 => new short[count],
        ElementType.Int32 => new int[count],
        ElementType.Int64 => new long[count],
        ElementType.Bool => new bool[count],
        ElementType.Float16 => new Half[count],
        ElementType.Float64 => new double[count],
        ElementType.UInt32 => new uint[count],
        ElementType.UInt64 => new ulong[count],
        _ => throw new ArgumentOutOfRangeException(nameof(type), $"{type} is no element type"),
    };

    /// <summary>Whether elements of that type are held as <typeparamref name="T"/>.</summary>
    public static bool IsHeldAs<T>(this ElementType type) => type switch
    {
        ElementType.Float32 => typeof(T) == typeof(float),
        ElementType.UInt8 => typeof(T) == typeof(byte),
        ElementType.Int8 => typeof(T) == typeof(sbyte),
        ElementType.UInt16 or ElementType.BFloat16 => typeof(T) == typeof(ushort),
        ElementType.Int16 => typeof(T) == typeof(short),
        ElementType.Int32 => typeof(T) == typeof(int),
        ElementType.Int64 => typeof(T) == typeof(long),
        ElementType.Bool => typeof(T) == typeof(bool),
        ElementType.Float16 => typeof(T) == typeof(Half),
        ElementType.Float64 => typeof(T) == typeof(double),
        ElementType.UInt32 => typeof(T) == typeof(uint),
        ElementType.UInt64 => typeof(T) == typeof(ulong),
        _ => false,
    };
}
