namespace Nncc.IR;

/// <summary>
/// A binary floating-point format under 32 bits, given by the widths of its fields: bfloat16 and the 8 and 4 bit formats of
/// ONNX (see docs/docsgen/source/technical/float8.md of onnx/onnx and the OCP MX specification).
/// </summary>
internal sealed class SmallFloat
{
    private readonly int exponentBits, mantissaBits, bias;
    private readonly bool signed;
    private readonly uint maximum;      // bits of the greatest finite magnitude
    private readonly uint? infinity;    // bits of infinity, where there is one
    private readonly uint? nan;         // bits of the NaN that conversion makes
    private readonly bool negativeZero; // otherwise the bits of -0 are NaN
    private readonly double[] values;   // decoded values by bits, for formats of 8 bits and less

    private SmallFloat(int exponentBits, int mantissaBits, int bias, uint maximum, uint? infinity, uint? nan, bool negativeZero,
        bool signed = true)
    {
        (this.exponentBits, this.mantissaBits, this.bias) = (exponentBits, mantissaBits, bias);
        (this.maximum, this.infinity, this.nan, this.negativeZero, this.signed) = (maximum, infinity, nan, negativeZero, signed);
        int bits = exponentBits + mantissaBits + (signed ? 1 : 0);
        values = bits <= 8 ? [.. Enumerable.Range(0, 1 << bits).Select(b => Compute((uint)b))] : [];
    }

    public static SmallFloat BFloat16 { get; } = new(8, 7, 127, 0x7F7F, 0x7F80, 0x7FC0, true);

    private static readonly SmallFloat E4M3FN = new(4, 3, 7, 0x7E, null, 0x7F, true);
    private static readonly SmallFloat E4M3FNUZ = new(4, 3, 8, 0x7F, null, 0x80, false);
    private static readonly SmallFloat E5M2 = new(5, 2, 15, 0x7B, 0x7C, 0x7F, true);
    private static readonly SmallFloat E5M2FNUZ = new(5, 2, 16, 0x7F, null, 0x80, false);
    // It has no NaN: what becomes of one is not defined, and the conformance cases of ONNX have -0.
    private static readonly SmallFloat E2M1 = new(2, 1, 1, 0x7, null, 0x8, true);
    private static readonly SmallFloat E8M0 = new(8, 0, 127, 0xFE, null, 0xFF, true, signed: false);

    /// <summary>The format of a dtype of 8 or 4 bits; null for the others.</summary>
    public static SmallFloat? Of(DType dtype) => dtype switch
    {
        DType.Float8E4M3FN => E4M3FN,
        DType.Float8E4M3FNUZ => E4M3FNUZ,
        DType.Float8E5M2 => E5M2,
        DType.Float8E5M2FNUZ => E5M2FNUZ,
        DType.Float4E2M1 => E2M1,
        DType.Float8E8M0 => E8M0,
        _ => null,
    };

    public double Decode(uint bits) => values.Length > 0 ? values[bits] : BitConverter.UInt32BitsToSingle(bits << 16);

    /// <summary>Rounds to nearest, ties to even. Beyond the range: the greatest finite value if saturating, else infinity or NaN.</summary>
    public uint Encode(double value, bool saturate)
    {
        uint sign = signed && double.IsNegative(value) ? 1u << (exponentBits + mantissaBits) : 0;
        if (double.IsNaN(value)) return nan is { } n ? (negativeZero ? n | sign : n) : maximum;
        double magnitude = Math.Abs(value);
        if (!signed && double.IsNegative(value)) magnitude = 0;
        if (double.IsInfinity(magnitude)) return Overflow(sign, saturate && infinity is null || saturate);
        if (!signed) return EncodePower(magnitude);
        if (magnitude == 0) return negativeZero ? sign : 0;
        // The spacing of representable values around the magnitude; below the least normal it stays that of the subnormals.
        int exponent = Math.Max(Math.ILogB(magnitude), 1 - bias);
        double unit = Math.ScaleB(1, exponent - mantissaBits);
        double steps = Math.Round(magnitude / unit, MidpointRounding.ToEven);
        uint field = (uint)(exponent + bias - 1);
        ulong bits = ((ulong)field << mantissaBits) + (ulong)steps; // steps carries the hidden bit into the exponent field
        if (bits > maximum) return Overflow(sign, saturate);
        return bits == 0 && !negativeZero ? 0 : sign | (uint)bits;
    }

    private uint Overflow(uint sign, bool saturate) =>
        saturate ? sign | maximum : infinity is { } i ? sign | i : nan is { } n ? (negativeZero ? sign | n : n) : sign | maximum;

    private uint EncodePower(double magnitude)
    {
        if (magnitude == 0) return 0;
        int exponent = Math.ILogB(magnitude);
        double mantissa = Math.ScaleB(magnitude, -exponent);
        if (mantissa > 1.5 || (mantissa == 1.5 && (exponent & 1) != 0)) exponent++;
        return (uint)Math.Clamp(exponent + bias, 0, (int)maximum);
    }

    private double Compute(uint bits)
    {
        uint magnitude = signed ? bits & ((1u << (exponentBits + mantissaBits)) - 1) : bits;
        bool negative = signed && bits >> (exponentBits + mantissaBits) != 0;
        if (!negativeZero && negative && magnitude == 0) return double.NaN;
        if (infinity is { } i && magnitude == i) return negative ? double.NegativeInfinity : double.PositiveInfinity;
        if (magnitude > maximum) return double.NaN;
        int field = (int)(magnitude >> mantissaBits);
        uint mantissa = magnitude & ((1u << mantissaBits) - 1);
        if (!signed) return Math.ScaleB(1, field - bias);
        double value = field == 0
            ? Math.ScaleB(mantissa, 1 - bias - mantissaBits)
            : Math.ScaleB(mantissa + (1u << mantissaBits), field - bias - mantissaBits);
        return negative ? -value : value;
    }
}
