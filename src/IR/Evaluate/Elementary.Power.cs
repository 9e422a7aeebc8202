namespace Nncc.IR.Evaluate;

public static partial class Elementary
{
    /// <summary>
    /// x to the power of y, with the special values of IEEE 754-2019 section 9.2.1 (anything to the power of 0, and 1 to the power of
    /// anything, is 1). |x|^y = e^(y log |x|) with a logarithm of double length.
    /// </summary>
    public static double Pow(double x, double y)
    {
        if (y == 0 || x == 1) return 1;
        if (double.IsNaN(x) || double.IsNaN(y)) return double.NaN;
        bool isWhole = Math.Floor(y) == y; // infinities count as even
        bool isOdd = isWhole && Math.Abs(y) < 1L << 53 && Math.Floor(y * 0.5) != y * 0.5;
        double magnitude = Math.Abs(x);
        if (x < 0 && !isWhole && !double.IsInfinity(x)) return double.NaN;
        bool isNegative = isOdd && double.IsNegative(x);
        double power;
        if (double.IsInfinity(y)) power = magnitude == 1 ? 1 : magnitude > 1 == y > 0 ? double.PositiveInfinity : 0;
        else if (magnitude == 0) power = y < 0 ? double.PositiveInfinity : 0;
        else if (double.IsInfinity(magnitude)) power = y < 0 ? 0 : magnitude;
        else power = PowOfPositive(magnitude, y);
        return isNegative ? -power : power;
    }

    private static double PowOfPositive(double x, double y)
    {
        var log = LogDoubled(x);
        double estimate = log.High * y;
        if (estimate > 710) return double.PositiveInfinity;
        if (estimate < -746) return 0;
        var exponent = log * y;
        return Exp(exponent.High, exponent.Low);
    }
}
