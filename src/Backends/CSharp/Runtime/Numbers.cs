using System.Numerics;

namespace Nncc.Backends.CSharp.Runtime;

/// <summary>Arithmetic on integers and conversions that C# has not, or not with one meaning on all machines.</summary>
internal static class Numbers
{
    /// <summary>The quotient, truncated towards zero; that of the least number and -1 wraps.</summary>
    /// <exception cref="InvalidDataException">The divisor is 0.</exception>
    public static T Divide<T>(T a, T b, string place) where T : struct, IBinaryInteger<T> =>
        T.IsZero(b) ? throw new InvalidDataException($"{place}: {a} is divided by 0") : IsMinusOne(b) ? T.Zero - a : a / b;

    /// <summary>The remainder with the sign of the dividend.</summary>
    /// <exception cref="InvalidDataException">The divisor is 0.</exception>
    public static T Remainder<T>(T a, T b, string place) where T : struct, IBinaryInteger<T> =>
        T.IsZero(b) ? throw new InvalidDataException($"{place}: {a} modulo 0") : IsMinusOne(b) ? T.Zero : a % b;

    /// <summary>The remainder with the sign of the divisor.</summary>
    /// <exception cref="InvalidDataException">The divisor is 0.</exception>
    public static T Modulo<T>(T a, T b, string place) where T : struct, IBinaryInteger<T>
    {
        var remainder = Remainder(a, b, place);
        return !T.IsZero(remainder) && T.IsNegative(remainder) != T.IsNegative(b) ? remainder + b : remainder;
    }

    /// <summary>x to the power of y; wraps, a negative power is truncated towards zero.</summary>
    /// <exception cref="InvalidDataException">0 to a negative power.</exception>
    public static long Power(long x, long y, string place)
    {
        if (y < 0)
            return x switch
            {
                0 => throw new InvalidDataException($"{place}: 0 to the power of {y}"),
                1 => 1,
                -1 => (y & 1) == 0 ? 1 : -1,
                _ => 0,
            };
        long result = 1;
        for (; y > 0; y >>= 1, x *= x)
            if ((y & 1) != 0) result *= x;
        return result;
    }

    /// <summary>The bits moved to the more significant side; none are left where there are no more.</summary>
    public static ulong ShiftLeft(ulong x, ulong count) => count >= 64 ? 0 : x << (int)count;

    /// <summary>The bits moved to the less significant side; none are left where there are no more.</summary>
    public static ulong ShiftRight(ulong x, ulong count) => count >= 64 ? 0 : x >> (int)count;

    /// <summary>The number truncated towards zero; NaN and numbers beyond 64 bits become the least integer.</summary>
    public static long ToInt64(double x) => x >= -9.2233720368547758e18 && x < 9.2233720368547758e18 ? (long)x : long.MinValue;

    /// <summary>
    /// The number truncated towards zero; negative ones wrap, NaN and numbers below 64 bits are as in <see cref="ToInt64"/>.
    /// </summary>
    public static ulong ToUInt64(double x) => x >= 1.8446744073709552e19 ? ulong.MaxValue : x >= 9.2233720368547758e18 ? (ulong)x
        : (ulong)ToInt64(x);

    /// <summary>
    /// The nearest float. What is cut off on the way over binary64 is kept in its last bit, so that nothing is rounded twice.
    /// </summary>
    public static float ToSingle(ulong x) =>
        x < 1UL << 53 ? (float)(double)x : (float)(double)((x & ~0x7FFUL) | ((x & 0x7FF) != 0 ? 0x800UL : 0));

    /// <summary>The upper half of a float, rounded to nearest, ties to even; NaN stays NaN.</summary>
    public static ushort ToBFloat16(float x)
    {
        uint bits = BitConverter.SingleToUInt32Bits(x);
        return float.IsNaN(x) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>The float whose upper half is given.</summary>
    public static float FromBFloat16(ushort x) => BitConverter.UInt32BitsToSingle((uint)x << 16);

    private static bool IsMinusOne<T>(T x) where T : struct, IBinaryInteger<T> => T.IsNegative(x) && T.IsZero(x + T.One);
}
