using System.Numerics;

namespace Nncc.IR.Evaluate;

public static partial class Elementary
{
    // π/2 in three doubles.
    private const double HalfPiHigh = 1.5707963267948966, HalfPiLow = 6.123233995736766e-17, HalfPiRest = -1.4973849048591698e-33;

    /// <summary>
    /// x = (4 m + quadrant) π/2 + r + remainder with |r| ≤ π/4 (a hair more by rounding), relatively exact to about 2^-60. No double is
    /// nearer to a multiple of π/2 than about 2^-62 (Muller, "Elementary Functions", section 11.3), which bounds the cancellation.
    /// </summary>
    private static (int Quadrant, double R, double Remainder) ReduceByHalfPi(double x)
    {
        if (!double.IsFinite(x)) return (0, double.NaN, 0);
        if (Math.Abs(x) >= 1 << 27) return ReduceLarge(x);
        // Cody and Waite: subtract k times each part of π/2, keeping the errors.
        double k = Math.Round(x * 0.6366197723675814);
        if (k == 0) return (0, x, 0);
        var first = DoubleDouble.Product(k, HalfPiHigh);
        var second = DoubleDouble.Product(k, HalfPiLow);
        var difference = DoubleDouble.Sum(x, -first.High);
        var next = DoubleDouble.Sum(difference.High, -first.Low);
        var last = DoubleDouble.Sum(next.High, -second.High);
        double small = difference.Low + next.Low + last.Low - second.Low - k * HalfPiRest;
        var reduced = DoubleDouble.Sum(last.High, small);
        return ((int)((long)k & 3), reduced.High, reduced.Low);
    }

    // Payne and Hanek: the fraction of x · 2/π from enough bits of 2/π, in whole numbers.
    private static (int Quadrant, double R, double Remainder) ReduceLarge(double x)
    {
        long bits = BitConverter.DoubleToInt64Bits(Math.Abs(x));
        int exponent = (int)(bits >> 52) - 1075;
        BigInteger product = ((bits & 0xFFFFFFFFFFFFF) | 0x10000000000000) * TwoOverPi.Bits;
        int point = TwoOverPi.Precision - exponent; // place of the binary point
        var fraction = product & ((BigInteger.One << point) - 1);
        int quadrant = (int)((product >> point) & 3);
        if (!(fraction >> (point - 1)).IsZero)
        {
            fraction -= BigInteger.One << point;
            quadrant = (quadrant + 1) & 3;
        }
        int shift = (int)Math.Max(0, (long)BigInteger.Abs(fraction).GetBitLength() - 120);
        var kept = fraction >> shift;
        double high = (double)(kept >> 67), low = (double)(kept - (kept >> 67 << 67));
        var turns = DoubleDouble.OrderedSum(Math.ScaleB(high, 67 + shift - point), Math.ScaleB(low, shift - point));
        var angle = turns * new DoubleDouble(HalfPiHigh, HalfPiLow);
        return x < 0 ? (-quadrant & 3, -angle.High, -angle.Low) : (quadrant, angle.High, angle.Low);
    }

    private static class TwoOverPi
    {
        /// <summary>Bits behind the binary point: those of the greatest exponent (971), of a mantissa, and 256 to spare.</summary>
        public const int Precision = 1280;

        /// <summary>2/π times 2^Precision, rounded down; π by Machin's formula, 16 atan(1/5) - 4 atan(1/239).</summary>
        public static readonly BigInteger Bits = Compute();

        private static BigInteger Compute()
        {
            const int guard = 64;
            var one = BigInteger.One << (Precision + guard);
            var pi = 16 * AtanOfInverse(5, one) - 4 * AtanOfInverse(239, one);
            return (2 * one << Precision) / pi;
        }

        private static BigInteger AtanOfInverse(int n, BigInteger one)
        {
            BigInteger power = one / n, sum = power;
            for (int k = 3; !power.IsZero; k += 2)
            {
                power /= -n * n;
                sum += power / k;
            }
            return sum;
        }
    }
}
