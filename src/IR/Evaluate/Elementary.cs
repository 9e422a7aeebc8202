namespace Nncc.IR.Evaluate;

/// <summary>
/// Elementary functions from + - × / sqrt and fma only, so that they give the same bits on every machine, with a relative error of a few
/// 1e-16 over the full range of binary64. Special values are those of IEEE 754-2019, section 9.2. Power series are Taylor's; how an
/// argument is reduced to where the series is short is said at each function (see also J.-M. Muller, "Elementary Functions").
/// </summary>
public static partial class Elementary
{
    // ln 2 with 21 zero bits at the end, so that whole multiples up to 2^21 are exact, and the rest.
    private const double Ln2High = 0.6931471803691238, Ln2Low = 1.9082149292705877e-10;

    // 1/n!
    private static ReadOnlySpan<double> InverseFactorial =>
    [
        1, 1, 1 / 2.0, 1 / 6.0, 1 / 24.0, 1 / 120.0, 1 / 720.0, 1 / 5040.0, 1 / 40320.0, 1 / 362880.0, 1 / 3628800.0, 1 / 39916800.0,
        1 / 479001600.0, 1 / 6227020800.0, 1 / 87178291200.0, 1 / 1307674368000.0, 1 / 20922789888000.0, 1 / 355687428096000.0,
        1 / 6402373705728000.0, 1 / 121645100408832000.0,
    ];

    /// <summary>e to the power of <paramref name="x"/>.</summary>
    public static double Exp(double x) => Exp(x, 0);

    // e^(x + low), |low| far below |x|: x = k ln 2 + r with |r| ≤ ln 2 / 2, e^x = 2^k e^r.
    private static double Exp(double x, double low)
    {
        if (double.IsNaN(x)) return x;
        if (x > 709.79) return double.PositiveInfinity;
        if (x < -745.14) return 0;
        var (k, r, rest) = ReduceByLn2(x, low);
        return Math.ScaleB(1 + ExpMinusOneReduced(r, rest), (int)k);
    }

    /// <summary>e^x - 1, relatively exact near 0 too.</summary>
    public static double Expm1(double x)
    {
        if (double.IsNaN(x) || x == 0) return x;
        if (x > 709.79) return double.PositiveInfinity;
        if (x < -40) return -1;
        var (k, r, rest) = ReduceByLn2(x, 0);
        double reduced = ExpMinusOneReduced(r, rest);
        if (k == 0) return reduced;
        if (k > 1000) return Math.ScaleB(1 + reduced, (int)k);
        double scale = Math.ScaleB(1, (int)k);
        return Math.FusedMultiplyAdd(scale, reduced, scale - 1);
    }

    private static (double K, double R, double Remainder) ReduceByLn2(double x, double low)
    {
        double k = Math.Round(x * 1.4426950408889634);
        if (k == 0) return (0, x, low);
        double high = Math.FusedMultiplyAdd(-k, Ln2High, x), correction = Math.FusedMultiplyAdd(-k, Ln2Low, low);
        double r = high + correction;
        return (k, r, correction - (r - high));
    }

    // e^(r + rest) - 1 for |r| ≤ 0.35.
    private static double ExpMinusOneReduced(double r, double rest)
    {
        double sum = 0;
        for (int n = 14; n >= 2; n--) sum = Math.FusedMultiplyAdd(sum, r, InverseFactorial[n]);
        return r + Math.FusedMultiplyAdd(r * r, sum, Math.FusedMultiplyAdd(rest, r, rest));
    }
}
