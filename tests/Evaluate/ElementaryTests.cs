using Nncc.IR.Evaluate;

namespace Nncc.Tests.Evaluate;

/// <summary>The evaluator's own functions against the platform's: relative error below 1e-15 over the whole range.</summary>
public class ElementaryTests
{
    private static readonly Dictionary<string, (Func<double, double> Own, Func<double, double> Platform, double Low, double High)> Functions
        = new()
    {
        ["exp"] = (Elementary.Exp, Math.Exp, -750, 715),
        ["expm1"] = (Elementary.Expm1, x => x == 0 ? x : Math.Abs(x) < 1 ? 2 * Math.Sinh(x / 2) * Math.Exp(x / 2)
            : Math.Exp(x) - 1, -50, 715),
        ["log"] = (Elementary.Log, Math.Log, 0, double.MaxValue),
        ["log1p"] = (Elementary.Log1p, x => Math.Abs(x) < 0.5 ? 2 * Math.Atanh(x / (2 + x)) : Math.Log(1 + x), -0.99, 1e300),
        ["sin"] = (Elementary.Sin, Math.Sin, double.MinValue, double.MaxValue),
        ["cos"] = (Elementary.Cos, Math.Cos, double.MinValue, double.MaxValue),
        ["tan"] = (Elementary.Tan, Math.Tan, double.MinValue, double.MaxValue),
        ["asin"] = (Elementary.Asin, Math.Asin, -1, 1),
        ["acos"] = (Elementary.Acos, Math.Acos, -1, 1),
        ["atan"] = (Elementary.Atan, Math.Atan, double.MinValue, double.MaxValue),
        ["sinh"] = (Elementary.Sinh, Math.Sinh, -715, 715),
        ["cosh"] = (Elementary.Cosh, Math.Cosh, -715, 715),
        ["tanh"] = (Elementary.Tanh, Math.Tanh, -30, 30),
        ["asinh"] = (Elementary.Asinh, Math.Asinh, double.MinValue, double.MaxValue),
        ["acosh"] = (Elementary.Acosh, Math.Acosh, 1, double.MaxValue),
        ["atanh"] = (Elementary.Atanh, Math.Atanh, -1, 1),
    };

    public static TheoryData<string> Names => [.. Functions.Keys];

    [Theory, MemberData(nameof(Names))]
    public void AgreesWithThePlatform(string name)
    {
        var (own, platform, low, high) = Functions[name];
        var random = new Random(1);
        for (int i = 0; i < 40_000; i++)
        {
            // Half of the arguments are spread over the exponents, half over the values; a tenth is near 1.
            double x = (i % 10) switch
            {
                0 => 1 + (random.NextDouble() - 0.5) * 1e-3,
                < 5 => Math.ScaleB(random.NextDouble() + 1, random.Next(-1070, 1023)) * (random.Next(2) == 0 ? 1 : -1),
                5 => (random.NextDouble() - 0.5) * 200,
                6 => (random.NextDouble() - 0.5) * 4,
                _ => double.IsFinite(high - low) ? low + random.NextDouble() * (high - low) : random.NextDouble() * high,
            };
            if (x < low || x > high) continue;
            Close(platform(x), own(x), $"{name}({x:R})");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void SpecialValuesAreThoseOfThePlatform(string name)
    {
        var (own, platform, _, _) = Functions[name];
        double[] values = [0, double.NegativeZero, 1, -1, 2, -2, double.Epsilon, double.PositiveInfinity, double.NegativeInfinity,
            double.NaN];
        foreach (double x in values)
        {
            double expected = platform(x), got = own(x);
            if (name is "expm1" or "log1p" && double.IsNaN(expected)) continue; // the stand-ins are not made for infinities
            Close(expected, got, $"{name}({x:R})");
            if (expected == 0) Assert.Equal(double.IsNegative(expected), double.IsNegative(got));
        }
    }

    [Fact]
    public void PowAgreesWithThePlatform()
    {
        var random = new Random(2);
        for (int i = 0; i < 60_000; i++)
        {
            double x = i % 3 == 0 ? random.NextDouble() * 3 : Math.ScaleB(random.NextDouble() + 1, random.Next(-1070, 1023));
            double y = (i % 4) switch
            {
                0 => random.Next(-40, 40),
                1 => random.NextDouble() * 4 - 2,
                2 => (random.NextDouble() * 2 - 1) * 740 / Math.Max(1e-3, Math.Abs(Math.Log(x))),
                _ => (random.NextDouble() - 0.5) * 1000,
            };
            if (i % 5 == 0 && y == Math.Floor(y)) x = -x;
            Close(Math.Pow(x, y), Elementary.Pow(x, y), $"pow({x:R}, {y:R})");
        }
    }

    [Fact]
    public void PowHasTheSpecialValuesOfIeee754()
    {
        const double infinity = double.PositiveInfinity;
        double[] values = [0, double.NegativeZero, 1, -1, 2, -2, 0.5, -0.5, 3, -3, infinity, -infinity, double.NaN, 1e300, -1e300];
        foreach (double x in values)
            foreach (double y in values)
            {
                double expected = Math.Pow(x, y), got = Elementary.Pow(x, y);
                Close(expected, got, $"pow({x:R}, {y:R})");
                Assert.True(double.IsNaN(expected) || double.IsNegative(expected) == double.IsNegative(got), $"sign of pow({x:R}, {y:R})");
            }
    }

    [Fact]
    public void WholePowersAreExact()
    {
        for (int x = -20; x <= 20; x++)
            for (int y = 0; y <= 12; y++)
            {
                double expected = 1;
                for (int k = 0; k < y; k++) expected *= x;
                if (Math.Abs(expected) < 1L << 53) Assert.Equal(expected, Elementary.Pow(x, y));
            }
    }

    // Values of the defining series, computed to 90 digits.
    [Theory]
    [InlineData(1e-300, 1.1283791670955126e-300)]
    [InlineData(0.0625, 0.07043197772238707)]
    [InlineData(0.124, 0.13920518102987042)]
    [InlineData(0.126, 0.14142695085161722)]
    [InlineData(0.6, 0.6038560908479259)]
    [InlineData(1.1, 0.8802050695740817)]
    [InlineData(2.3, 0.9988568234026434)]
    [InlineData(3.14159, 0.9999911236987586)]
    [InlineData(5.9, 0.9999999999999999)]
    public void ErfHasTheSeriesValues(double x, double expected)
    {
        Close(expected, Elementary.Erf(x), $"erf({x})");
        Close(-expected, Elementary.Erf(-x), $"erf({-x})");
    }

    [Fact]
    public void ErfIsItsSeries()
    {
        for (double x = 0.001; x < 2; x += 0.00137)
        {
            double sum = 0, term = x;
            for (int n = 0; n < 60; n++, term *= 2 * x * x / (2 * n + 1)) sum += term;
            double expected = 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
            double got = Elementary.Erf(x);
            Assert.True(Math.Abs(got - expected) <= 2e-15 * expected, $"erf({x:R}): {got:R}, series {expected:R}");
        }
        Assert.Equal(1, Elementary.Erf(double.PositiveInfinity));
        Assert.Equal(-1, Elementary.Erf(-7));
        Assert.True(double.IsNaN(Elementary.Erf(double.NaN)));
        Assert.True(double.IsNegative(Elementary.Erf(double.NegativeZero)));
    }

    private static void Close(double expected, double got, string what)
    {
        bool close = double.IsNaN(expected) ? double.IsNaN(got) : expected.Equals(got)
            || Math.Abs(expected - got) <= 1e-15 * Math.Abs(expected) + double.Epsilon;
        Assert.True(close, $"{what}: {got:R}, platform {expected:R}");
    }
}
