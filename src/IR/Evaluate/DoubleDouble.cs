namespace Nncc.IR.Evaluate;

/// <summary>
/// An unevaluated sum of two doubles, <paramref name="Low"/> at most half a unit in the last place of <paramref name="High"/>: about 106
/// bits. Sources: T. J. Dekker, "A floating-point technique for extending the available precision" (1971); D. E. Knuth, TAOCP 4.2.2.
/// </summary>
internal readonly record struct DoubleDouble(double High, double Low)
{
    /// <summary>a + b without error.</summary>
    public static DoubleDouble Sum(double a, double b)
    {
        double sum = a + b, part = sum - a;
        return new(sum, (a - (sum - part)) + (b - part));
    }

    /// <summary>a + b without error where |a| ≥ |b|.</summary>
    public static DoubleDouble OrderedSum(double a, double b)
    {
        double sum = a + b;
        return new(sum, b - (sum - a));
    }

    /// <summary>a · b without error (but for underflow).</summary>
    public static DoubleDouble Product(double a, double b)
    {
        double product = a * b;
        return new(product, Math.FusedMultiplyAdd(a, b, -product));
    }

    /// <summary>a / b for whole numbers.</summary>
    public static DoubleDouble Quotient(double a, double b)
    {
        double quotient = a / b;
        return new(quotient, Math.FusedMultiplyAdd(-quotient, b, a) / b);
    }

    public static DoubleDouble operator +(DoubleDouble a, DoubleDouble b)
    {
        var high = Sum(a.High, b.High);
        var low = Sum(a.Low, b.Low);
        high = OrderedSum(high.High, high.Low + low.High);
        return OrderedSum(high.High, high.Low + low.Low);
    }

    public static DoubleDouble operator *(DoubleDouble a, DoubleDouble b)
    {
        var product = Product(a.High, b.High);
        return OrderedSum(product.High, product.Low + (a.High * b.Low + a.Low * b.High));
    }

    public static DoubleDouble operator *(DoubleDouble a, double b)
    {
        var product = Product(a.High, b);
        return OrderedSum(product.High, Math.FusedMultiplyAdd(a.Low, b, product.Low));
    }
}
