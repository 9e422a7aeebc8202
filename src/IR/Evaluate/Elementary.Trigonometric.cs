namespace Nncc.IR.Evaluate;

public static partial class Elementary
{
    /// <summary>Sine of an angle in radians; NaN at infinity.</summary>
    public static double Sin(double x)
    {
        if (x == 0) return x;
        var (quadrant, r, rest) = ReduceByHalfPi(x);
        double value = (quadrant & 1) == 0 ? SinReduced(r, rest) : CosReduced(r, rest);
        return (quadrant & 2) == 0 ? value : -value;
    }

    /// <summary>Cosine of an angle in radians; NaN at infinity.</summary>
    public static double Cos(double x)
    {
        var (quadrant, r, rest) = ReduceByHalfPi(x);
        double value = (quadrant & 1) == 0 ? CosReduced(r, rest) : SinReduced(r, rest);
        return ((quadrant + 1) & 2) == 0 ? value : -value;
    }

    /// <summary>Tangent of an angle in radians; NaN at infinity.</summary>
    public static double Tan(double x)
    {
        if (x == 0) return x;
        var (quadrant, r, rest) = ReduceByHalfPi(x);
        double sin = SinReduced(r, rest), cos = CosReduced(r, rest);
        return (quadrant & 1) == 0 ? sin / cos : -cos / sin;
    }

    // sin(r + rest), |r| ≤ π/4.
    private static double SinReduced(double r, double rest)
    {
        double z = r * r, sum = 0;
        for (int n = 17; n >= 3; n -= 2) sum = Math.FusedMultiplyAdd(sum, z, (n & 2) == 0 ? InverseFactorial[n] : -InverseFactorial[n]);
        return r + Math.FusedMultiplyAdd(r * z, sum, rest * (1 - 0.5 * z));
    }

    // cos(r + rest), |r| ≤ π/4.
    private static double CosReduced(double r, double rest)
    {
        double z = r * r, sum = 0;
        for (int n = 18; n >= 4; n -= 2) sum = Math.FusedMultiplyAdd(sum, z, (n & 2) == 0 ? InverseFactorial[n] : -InverseFactorial[n]);
        double half = 0.5 * z, leading = 1 - half;
        return leading + ((1 - leading - half) + Math.FusedMultiplyAdd(z * z, sum, -r * rest));
    }

    /// <summary>Arc tangent, in (-π/2, π/2).</summary>
    /// <remarks>atan x = atan c + atan t with t = (x - c) / (1 + c x) for c = 0, 1/2, 1, 3/2 or ∞, so that |t| ≤ 7/16.</remarks>
    public static double Atan(double x)
    {
        double magnitude = Math.Abs(x);
        if (!(magnitude >= 1.0 / (1 << 27))) return x;
        double value = magnitude switch
        {
            < 0.4375 => AtanSum(0, 0, magnitude),
            < 0.6875 => AtanSum(0.4636476090008061, 2.2698777452961687e-17, Math.FusedMultiplyAdd(2, magnitude, -1) / (2 + magnitude)),
            < 1.1875 => AtanSum(0.7853981633974483, 3.061616997868383e-17, (magnitude - 1) / (magnitude + 1)),
            < 2.4375 => AtanSum(0.982793723247329, 1.3903311031230998e-17, (magnitude - 1.5) / Math.FusedMultiplyAdd(1.5, magnitude, 1)),
            _ => AtanSum(HalfPiHigh, HalfPiLow, -1 / magnitude),
        };
        return x < 0 ? -value : value;
    }

    // high + low + atan t by its Taylor series.
    private static double AtanSum(double high, double low, double t)
    {
        double z = t * t, sum = 0;
        for (int n = 45; n >= 3; n -= 2) sum = Math.FusedMultiplyAdd(sum, z, (n & 2) == 0 ? 1.0 / n : -1.0 / n);
        return high + (t + Math.FusedMultiplyAdd(t * z, sum, low));
    }

    /// <summary>Arc sine, in [-π/2, π/2]; NaN outside of [-1, 1].</summary>
    public static double Asin(double x)
    {
        double magnitude = Math.Abs(x);
        if (!(magnitude <= 1)) return double.NaN;
        if (magnitude < 1.0 / (1 << 27)) return x;
        double value = magnitude <= 0.5 ? AsinOfHalf(magnitude)
            : HalfPiHigh - (2 * AsinOfHalf(Math.Sqrt((1 - magnitude) * 0.5)) - HalfPiLow);
        return x < 0 ? -value : value;
    }

    /// <summary>Arc cosine, in [0, π]; NaN outside of [-1, 1].</summary>
    public static double Acos(double x)
    {
        if (!(Math.Abs(x) <= 1)) return double.NaN;
        if (x > 0.5) return 2 * AsinOfHalf(Math.Sqrt((1 - x) * 0.5));
        if (x < -0.5) return 2 * (HalfPiHigh - (AsinOfHalf(Math.Sqrt((1 + x) * 0.5)) - HalfPiLow));
        return HalfPiHigh - (Math.Sign(x) * AsinOfHalf(Math.Abs(x)) - HalfPiLow);
    }

    // asin x = atan(x / sqrt(1 - x²)) for 0 ≤ x ≤ 1/2, where 1 - x² is far from 0.
    private static double AsinOfHalf(double x) => Atan(x / Math.Sqrt(Math.FusedMultiplyAdd(-x, x, 1)));
}
