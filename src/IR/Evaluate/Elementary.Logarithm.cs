namespace Nncc.IR.Evaluate;

public static partial class Elementary
{
    /// <summary>Natural logarithm; NaN below 0, -∞ at 0.</summary>
    public static double Log(double x)
    {
        if (double.IsNaN(x) || x < 0) return double.NaN;
        if (x == 0) return double.NegativeInfinity;
        if (double.IsPositiveInfinity(x)) return x;
        var (k, fraction) = SplitAtSqrt2(x);
        return LogSum(k, fraction, 0);
    }

    /// <summary>Logarithm of 1 + x, relatively exact near 0 too.</summary>
    public static double Log1p(double x)
    {
        if (double.IsNaN(x) || x < -1) return double.NaN;
        if (x == -1) return double.NegativeInfinity;
        if (double.IsPositiveInfinity(x) || Math.Abs(x) < 1.0 / (1L << 54)) return x;
        if (x is > -0.29 and < 0.41) return LogSum(0, x, 0);
        var sum = DoubleDouble.Sum(1, x);
        var (k, fraction) = SplitAtSqrt2(sum.High);
        return LogSum(k, fraction, sum.Low / sum.High);
    }

    // x = 2^k (1 + fraction) with sqrt(1/2) ≤ 1 + fraction ≤ sqrt 2; x positive and finite.
    private static (int K, double Fraction) SplitAtSqrt2(double x)
    {
        int k = Math.ILogB(x);
        double m = Math.ScaleB(x, -k);
        if (m > 1.4142135623730951) { m *= 0.5; k++; }
        return (k, m - 1);
    }

    // k ln 2 + log(1 + f) + rest. With s = f / (2 + f): log(1 + f) = 2 artanh s = 2 (s + s³/3 + s⁵/5 + ...), regrouped to
    // f - f²/2 + s (f²/2 + R) with R = 2 s²/3 + 2 s⁴/5 + ..., whose leading term is exact.
    private static double LogSum(int k, double f, double rest)
    {
        double s = f / (2 + f), z = s * s, sum = 0;
        for (int n = 25; n >= 3; n -= 2) sum = Math.FusedMultiplyAdd(sum, z, 2.0 / n);
        double half = 0.5 * f * f;
        double tail = Math.FusedMultiplyAdd(s, Math.FusedMultiplyAdd(sum, z, half), Math.FusedMultiplyAdd(k, Ln2Low, rest));
        return k == 0 ? f - (half - tail) : Math.FusedMultiplyAdd(k, Ln2High, f - (half - tail));
    }

    // log x to about 100 bits, for x positive and finite.
    private static DoubleDouble LogDoubled(double x)
    {
        var (k, f) = SplitAtSqrt2(x);
        var denominator = DoubleDouble.Sum(2, f);
        double quotient = f / denominator.High;
        double remainder = Math.FusedMultiplyAdd(-quotient, denominator.High, f) - quotient * denominator.Low;
        var s = DoubleDouble.OrderedSum(quotient, remainder / denominator.High);
        var z = s * s;
        double tail = 0;
        for (int n = 33; n >= 15; n -= 2) tail = Math.FusedMultiplyAdd(tail, z.High, 1.0 / n);
        var sum = new DoubleDouble(tail, 0);
        for (int n = 13; n >= 1; n -= 2) sum = sum * z + DoubleDouble.Quotient(1, n);
        return new DoubleDouble(0.6931471805599453, 2.3190468138462996e-17) * k + sum * s * 2;
    }
}
