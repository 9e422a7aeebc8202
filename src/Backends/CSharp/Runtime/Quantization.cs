using System.Numerics;

namespace Nncc.Backends.CSharp.Runtime;

/// <summary>
/// Conversions between floats and small integers. Scales and zero points lie in a grid over x [outer, size, inner]: that of an element
/// stands at its places times <c>steps</c>, where <c>block</c> neighbours along the axis share one.
/// </summary>
internal static unsafe class Quantization
{
    /// <summary>saturate(round(x / scale) + zero), halves to even; NaN becomes the least value.</summary>
    public static void Quantize<T>(T* y, float* x, float* scale, T* zero, nint outer, nint size, nint inner, nint block,
        ReadOnlySpan<long> steps)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        nint along = (nint)steps[1], step = (nint)steps[2];
        for (nint i = 0; i < outer; i++)
            for (nint k = 0; k < size; k++)
            {
                nint grain = i * (nint)steps[0] + k / block * along;
                for (nint j = 0; j < inner; j++, grain += step) *y++ = Saturated(*x++ / scale[grain], zero[grain]);
            }
    }

    /// <summary>
    /// The same for other types; the quotient is taken in binary64, and rounded to binary32 where <paramref name="single"/> is 1.
    /// </summary>
    public static void QuantizeWide<T, TFrom, TScale>(T* y, TFrom* x, TScale* scale, T* zero, nint outer, nint size, nint inner, nint block,
        ReadOnlySpan<long> steps, int single)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> where TFrom : unmanaged, INumber<TFrom> where TScale : unmanaged,
            INumber<TScale>
    {
        for (nint i = 0; i < outer; i++)
            for (nint k = 0; k < size; k++)
            {
                nint grain = i * (nint)steps[0] + k / block * (nint)steps[1];
                for (nint j = 0; j < inner; j++, grain += (nint)steps[2])
                {
                    double quotient = double.CreateTruncating(*x++) / double.CreateTruncating(scale[grain]);
                    *y++ = Saturated(single == 1 ? (float)quotient : quotient, zero[grain]);
                }
            }
    }

    /// <summary>(x - zero) * scale.</summary>
    public static void Dequantize<T, TFrom,
        TScale>(T* y, TFrom* x, TScale* scale, TFrom* zero, nint outer, nint size, nint inner, nint block,
        ReadOnlySpan<long> steps)
        where T : unmanaged, INumber<T> where TFrom : unmanaged, INumber<TFrom> where TScale : unmanaged, INumber<TScale>
    {
        nint along = (nint)steps[1], step = (nint)steps[2];
        for (nint i = 0; i < outer; i++)
            for (nint k = 0; k < size; k++)
            {
                nint grain = i * (nint)steps[0] + k / block * along;
                for (nint j = 0; j < inner; j++, grain += step)
                {
                    double item = double.CreateTruncating(*x++) - double.CreateTruncating(zero[grain]);
                    *y++ = T.CreateTruncating(item * double.CreateTruncating(scale[grain]));
                }
            }
    }

    /// <summary>Elements as bytes over their own range, which is stretched to include 0, with the scale and the zero point.</summary>
    public static void Dynamic(byte* y, float* scale, byte* zero, float* x, nint count)
    {
        float min = 0, max = 0;
        for (nint i = 0; i < count; i++) (min, max) = (Math.Min(min, x[i]), Math.Max(max, x[i]));
        *scale = max == min ? 1 : (max - min) / 255;
        *zero = (byte)MathF.Round(Math.Clamp(-min / *scale, 0, 255));
        for (nint i = 0; i < count; i++) y[i] = Saturated(x[i] / *scale, *zero);
    }

    private static T Saturated<T>(double quotient, T zero) where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        double least = double.CreateTruncating(T.MinValue), greatest = double.CreateTruncating(T.MaxValue);
        double item = double.IsNaN(quotient) ? least : Math.Clamp(Math.Round(quotient) + double.CreateTruncating(zero), least, greatest);
        return T.CreateTruncating(item);
    }
}
