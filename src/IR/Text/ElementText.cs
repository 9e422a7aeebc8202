using System.Buffers.Binary;
using System.Globalization;

namespace Nncc.IR.Text;

/// <summary>
/// Elements of tensors as numbers that read back to the same bits: floats with the fewest digits that do so, <c>inf</c>, <c>nan</c>,
/// <c>-nan</c>, and <c>bits(0x7fc00001)</c> for what has no other text, such as a NaN with a payload. A complex element is two numbers
/// between parentheses.
/// </summary>
internal static class ElementText
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>The type of the numbers that an element is written with.</summary>
    public static DType Component(DType dtype) => dtype switch
    {
        DType.Complex64 => DType.Float32,
        DType.Complex128 => DType.Float64,
        _ => dtype,
    };

    /// <summary>Writes all elements of a tensor, between commas.</summary>
    public static void Write(TextWriter writer, Tensor tensor)
    {
        bool isComplex = tensor.DType.IsComplex();
        var component = Component(tensor.DType);
        for (int i = 0; i < tensor.Count; i++)
        {
            if (i > 0) writer.Write(", ");
            if (tensor.DType == DType.String) Quoting.Write(writer, tensor.Strings[i]);
            else if (isComplex) writer.Write($"({Number(2 * i)}, {Number(2 * i + 1)})");
            else writer.Write(Number(i));
        }

        string Number(int index) => Format(component, Bits(tensor, component, index));
    }

    /// <summary>
    /// Puts the bits of number <paramref name="index"/> into raw form; numbers under 8 bits are packed from the lowest bit on.
    /// </summary>
    public static void Store(Span<byte> raw, DType component, int index, ulong bits)
    {
        int width = component.Bits();
        if (width >= 8)
        {
            for (int k = 0; k < width / 8; k++) raw[index * (width / 8) + k] = (byte)(bits >> (8 * k));
            return;
        }
        int perByte = 8 / width;
        raw[index / perByte] |= (byte)(bits << (index % perByte * width));
    }

    /// <summary>The text of a number.</summary>
    public static string Format(DType dtype, ulong bits)
    {
        string text = dtype switch
        {
            DType.Float32 => BitConverter.UInt32BitsToSingle((uint)bits).ToString("R", Culture),
            DType.Float64 => BitConverter.UInt64BitsToDouble(bits).ToString("R", Culture),
            DType.Float16 => BitConverter.UInt16BitsToHalf((ushort)bits).ToString("R", Culture),
            DType.BFloat16 => SmallFloat.BFloat16.Decode((uint)bits).ToString("R", Culture),
            DType.Bool => bits == 0 ? "false" : "true",
            _ when SmallFloat.Of(dtype) is { } format => format.Decode((uint)bits).ToString("R", Culture),
            _ when dtype.IsSigned() => ((long)(bits << (64 - dtype.Bits())) >> (64 - dtype.Bits())).ToString(Culture),
            _ => bits.ToString(Culture),
        };
        text = text switch { "NaN" => "nan", "Infinity" or "∞" => "inf", "-Infinity" or "-∞" => "-inf", _ => text };
        if (TryParse(dtype, text, out ulong parsed) && parsed == bits) return text;
        return text == "nan" && TryParse(dtype, "-nan", out parsed) && parsed == bits ? "-nan" : $"bits(0x{bits:x})";
    }

    /// <summary>A float attribute: the text never looks like an integer.</summary>
    public static string Attribute(float value)
    {
        string text = Format(DType.Float32, BitConverter.SingleToUInt32Bits(value));
        return text.AsSpan().IndexOfAny(".En") >= 0 || text[0] == 'b' ? text : text + ".0";
    }

    /// <summary>The bits of the number that the text denotes; false if there is none of that type.</summary>
    public static bool TryParse(DType dtype, ReadOnlySpan<char> text, out ulong bits)
    {
        int width = dtype.Bits();
        if (text.StartsWith("bits(0x") && text.EndsWith(")"))
            return ulong.TryParse(text[7..^1], NumberStyles.AllowHexSpecifier, Culture, out bits) && (width == 64 || bits >> width == 0);
        bits = 0;
        if (dtype == DType.Bool)
        {
            bits = text is "true" ? 1u : 0;
            return text is "true" or "false";
        }
        if (dtype.IsInteger())
        {
            bool isSigned = dtype.IsSigned();
            if (!Int128.TryParse(text, NumberStyles.AllowLeadingSign, Culture, out var integer)) return false;
            bits = (ulong)(UInt128)(integer & ((Int128.One << width) - 1));
            return isSigned ? integer >= -(Int128.One << (width - 1)) && integer < Int128.One << (width - 1)
                : integer >= 0 && integer < Int128.One << width;
        }
        return dtype.IsFloat() && TryParseFloat(dtype, text, out bits);
    }

    private static bool TryParseFloat(DType dtype, ReadOnlySpan<char> text, out ulong bits)
    {
        bits = 0;
        double? special = text switch
        {
            "inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            "nan" => BitConverter.UInt64BitsToDouble(0x7FF8000000000000),
            "-nan" => BitConverter.UInt64BitsToDouble(0xFFF8000000000000),
            _ => null,
        };
        if (special is null && (text.IsEmpty || char.IsLetter(text[^1]))) return false;
        double value = special ?? 0;
        if (special is null && !double.TryParse(text, NumberStyles.Float, Culture, out value)) return false;
        // Binary32 and binary16 are rounded from the text itself: by way of binary64 they would be rounded twice.
        bits = dtype switch
        {
            DType.Float64 => BitConverter.DoubleToUInt64Bits(value),
            DType.Float32 =>
                BitConverter.SingleToUInt32Bits(special is null ? float.Parse(text, NumberStyles.Float, Culture) : (float)value),
            DType.Float16 => BitConverter.HalfToUInt16Bits(special is null ? Half.Parse(text, NumberStyles.Float, Culture) : (Half)value),
            DType.BFloat16 => SmallFloat.BFloat16.Encode(value, saturate: false),
            _ => SmallFloat.Of(dtype)!.Encode(value, saturate: false),
        };
        return true;
    }

    private static ulong Bits(Tensor tensor, DType component, int index)
    {
        int width = component.Bits();
        if (width < 8) return (ulong)(tensor.Bytes(index / (8 / width), 1)[0] >> (index % (8 / width) * width)) & ((1ul << width) - 1);
        var bytes = tensor.Bytes((long)index * (width / 8), width / 8);
        return width switch
        {
            8 => bytes[0],
            16 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            32 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        };
    }
}
