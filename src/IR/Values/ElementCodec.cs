using System.Numerics;

namespace Nncc.IR;

/// <summary>Elements of every numeric dtype to and from binary64 and 64 bit integers.</summary>
internal static class ElementCodec
{
    public static double[] ToDoubles(Tensor t)
    {
        var result = new double[t.Count];
        switch (t.DType)
        {
            case DType.Float32: Convert<float, double>(t.Span<float>(), result); break;
            case DType.Float16: Convert<Half, double>(t.Span<Half>(), result); break;
            case DType.UInt8: Convert<byte, double>(t.Span<byte>(), result); break;
            case DType.Int8: Convert<sbyte, double>(t.Span<sbyte>(), result); break;
            case DType.UInt16: Convert<ushort, double>(t.Span<ushort>(), result); break;
            case DType.Int16: Convert<short, double>(t.Span<short>(), result); break;
            case DType.UInt32: Convert<uint, double>(t.Span<uint>(), result); break;
            case DType.Int32: Convert<int, double>(t.Span<int>(), result); break;
            case DType.UInt64: Convert<ulong, double>(t.Span<ulong>(), result); break;
            case DType.Int64: Convert<long, double>(t.Span<long>(), result); break;
            case DType.Bool: Convert<byte, double>(t.Span<byte>(), result); break;
            case DType.BFloat16:
                var words = t.Span<ushort>();
                for (int i = 0; i < result.Length; i++) result[i] = SmallFloat.BFloat16.Decode(words[i]);
                break;
            default:
                var format = SmallFloat.Of(t.DType);
                for (long i = 0; i < result.Length; i++)
                    result[i] = format is null ? PackedInteger(t, i) : format.Decode(PackedBits(t, i));
                break;
        }
        return result;
    }

    public static long[] ToLongs(Tensor t)
    {
        var result = new long[t.Count];
        switch (t.DType)
        {
            case DType.UInt8 or DType.Bool: Convert<byte, long>(t.Span<byte>(), result); break;
            case DType.Int8: Convert<sbyte, long>(t.Span<sbyte>(), result); break;
            case DType.UInt16: Convert<ushort, long>(t.Span<ushort>(), result); break;
            case DType.Int16: Convert<short, long>(t.Span<short>(), result); break;
            case DType.UInt32: Convert<uint, long>(t.Span<uint>(), result); break;
            case DType.Int32: Convert<int, long>(t.Span<int>(), result); break;
            case DType.UInt64: Convert<ulong, long>(t.Span<ulong>(), result); break;
            case DType.Int64: t.Span<long>().CopyTo(result); break;
            case DType.Int2 or DType.Int4 or DType.UInt2 or DType.UInt4:
                for (long i = 0; i < result.Length; i++) result[i] = PackedInteger(t, i);
                break;
            default:
                var doubles = t.ToDoubles();
                for (int i = 0; i < result.Length; i++) result[i] = Truncate(doubles[i]);
                break;
        }
        return result;
    }

    public static Array Encode(DType dtype, ReadOnlySpan<double> items, bool saturate = true)
    {
        switch (dtype)
        {
            case DType.Float64: return items.ToArray();
            case DType.Float32: return Narrow<double, float>(items);
            case DType.Float16: return Narrow<double, Half>(items);
            case DType.BFloat16:
                var words = new ushort[items.Length];
                for (int i = 0; i < words.Length; i++) words[i] = (ushort)SmallFloat.BFloat16.Encode(items[i], saturate: false);
                return words;
        }
        if (SmallFloat.Of(dtype) is { } format)
        {
            var bits = new byte[dtype.Bytes(items.Length)];
            for (int i = 0; i < items.Length; i++) Pack(bits, dtype.Bits(), i, format.Encode(items[i], saturate));
            return bits;
        }
        if (dtype == DType.Bool)
        {
            var truths = new bool[items.Length];
            for (int i = 0; i < truths.Length; i++) truths[i] = items[i] != 0;
            return truths;
        }
        var integers = new long[items.Length];
        for (int i = 0; i < integers.Length; i++)
            integers[i] = dtype == DType.UInt64 && items[i] >= 9.2233720368547758e18 ? unchecked((long)(ulong)items[i])
                : Truncate(items[i]);
        return Encode(dtype, integers);
    }

    public static Array Encode(DType dtype, ReadOnlySpan<long> items)
    {
        switch (dtype)
        {
            case DType.Int64: return items.ToArray();
            case DType.UInt64: return Wrap<ulong>(items);
            case DType.Int32: return Wrap<int>(items);
            case DType.UInt32: return Wrap<uint>(items);
            case DType.Int16: return Wrap<short>(items);
            case DType.UInt16: return Wrap<ushort>(items);
            case DType.Int8: return Wrap<sbyte>(items);
            case DType.UInt8: return Wrap<byte>(items);
            case DType.Bool:
                var truths = new bool[items.Length];
                for (int i = 0; i < truths.Length; i++) truths[i] = items[i] != 0;
                return truths;
            case DType.Int2 or DType.Int4 or DType.UInt2 or DType.UInt4:
                var bits = new byte[dtype.Bytes(items.Length)];
                for (int i = 0; i < items.Length; i++) Pack(bits, dtype.Bits(), i, (uint)items[i]);
                return bits;
            case DType.String or DType.Complex64 or DType.Complex128 or DType.Unknown:
                throw new InvalidOperationException($"numbers cannot be held as {dtype.Name()}");
            default:
                var doubles = new double[items.Length];
                for (int i = 0; i < doubles.Length; i++) doubles[i] = items[i];
                return Encode(dtype, doubles);
        }
    }

    // NaN and values outside give what x86 conversion gives for 64 bits: the least integer. One meaning on every machine.
    private static long Truncate(double value) => value >= -9.2233720368547758e18 && value < 9.2233720368547758e18 ? (long)value
        : long.MinValue;

    private static void Convert<TFrom, TTo>(ReadOnlySpan<TFrom> from, TTo[] to) where TFrom : INumberBase<TFrom> where TTo
        : INumberBase<TTo>
    {
        for (int i = 0; i < to.Length; i++) to[i] = TTo.CreateTruncating(from[i]);
    }

    private static TTo[] Narrow<TFrom, TTo>(ReadOnlySpan<TFrom> from) where TFrom : INumberBase<TFrom> where TTo : INumberBase<TTo>
    {
        var to = new TTo[from.Length];
        Convert(from, to);
        return to;
    }

    private static T[] Wrap<T>(ReadOnlySpan<long> items) where T : INumberBase<T>
    {
        var result = new T[items.Length];
        for (int i = 0; i < result.Length; i++) result[i] = T.CreateTruncating(items[i]);
        return result;
    }

    private static uint PackedBits(Tensor t, long index)
    {
        int bits = t.DType.Bits(), perByte = 8 / bits;
        return (uint)(t.Bytes(index / perByte, 1)[0] >> (int)(index % perByte * bits)) & ((1u << bits) - 1);
    }

    private static long PackedInteger(Tensor t, long index)
    {
        int bits = t.DType.Bits();
        if (bits is not (2 or 4)) throw new InvalidOperationException($"{t.Type} is not a tensor of numbers");
        long value = PackedBits(t, index);
        return t.DType.IsSigned() && value >> (bits - 1) != 0 ? value - (1L << bits) : value;
    }

    private static void Pack(byte[] target, int bits, long index, uint value)
    {
        int perByte = 8 / bits;
        target[index / perByte] |= (byte)((value & ((1u << bits) - 1)) << (int)(index % perByte * bits));
    }
}
