namespace Nncc.IR.Evaluate;

public static partial class Elementary
{
    private const double Ln2 = 0.6931471805599453;

    /// <summary>Hyperbolic sine.</summary>
    public static double Sinh(double x)
    {
        double magnitude = Math.Abs(x);
        if (!(magnitude >= 1.0 / (1 << 28))) return x;
        double value;
        if (magnitude < 22)
        {
            double t = Expm1(magnitude);
            value = 0.5 * (t + t / (t + 1));
        }
        else value = HalfExp(magnitude);
        return x < 0 ? -value : value;
    }

    /// <summary>Hyperbolic cosine.</summary>
    public static double Cosh(double x)
    {
        double magnitude = Math.Abs(x);
        if (magnitude >= 22) return HalfExp(magnitude);
        double power = Exp(magnitude);
        return 0.5 * power + 0.5 / power;
    }

    // e^x / 2, also where e^x itself is too large.
    private static double HalfExp(double x)
    {
        if (x < 709) return 0.5 * Exp(x);
        double root = Exp(0.5 * x);
        return 0.5 * root * root;
    }

    /// <summary>Hyperbolic tangent.</summary>
    public static double Tanh(double x)
    {
        double magnitude = Math.Abs(x);
        if (!(magnitude >= 1.0 / (1 << 28))) return x;
        double value;
        if (magnitude >= 22) value = 1;
        else if (magnitude >= 1) value = 1 - 2 / (Expm1(2 * magnitude) + 2);
        else
        {
            double t = Expm1(-2 * magnitude);
            value = -t / (t + 2);
        }
        return x < 0 ? -value : value;
    }

    /// <summary>Inverse hyperbolic sine.</summary>
    public static double Asinh(double x)
    {
        double magnitude = Math.Abs(x);
        if (!(magnitude >= 1.0 / (1 << 28)) || double.IsInfinity(x)) return x;
        double square = magnitude * magnitude;
        double value = magnitude > 1 << 28 ? Log(magnitude) + Ln2
            : magnitude > 2 ? Log(2 * magnitude + 1 / (Math.Sqrt(square + 1) + magnitude))
            : Log1p(magnitude + square / (1 + Math.Sqrt(1 + square)));
        return x < 0 ? -value : value;
    }

    /// <summary>Inverse hyperbolic cosine; NaN below 1.</summary>
    public static double Acosh(double x)
    {
        if (!(x >= 1)) return double.NaN;
        if (x > 1 << 28) return Log(x) + Ln2;
        if (x > 2) return Log(2 * x - 1 / (x + Math.Sqrt(x * x - 1)));
        double t = x - 1;
        return Log1p(t + Math.Sqrt(2 * t + t * t));
    }

    /// <summary>Inverse hyperbolic tangent; infinite at ±1, NaN beyond.</summary>
    public static double Atanh(double x)
    {
        double magnitude = Math.Abs(x);
        if (magnitude < 1.0 / (1 << 28)) return x;
        if (!(magnitude <= 1)) return double.NaN;
        double value = 0.5 * (magnitude < 0.5
            ? Log1p(2 * magnitude + 2 * magnitude * magnitude / (1 - magnitude)) : Log1p(2 * magnitude / (1 - magnitude)));
        return x < 0 ? -value : value;
    }
}
