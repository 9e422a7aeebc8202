namespace Nncc.IR.Evaluate;

/// <summary>The p-norm (Σ|x|^p)^(1/p), as a fold over elements.</summary>
/// <param name="p">Order of the norm, 1 or more.</param>
internal readonly struct LpNorm(long p) : IWindowFold
{
    /// <inheritdoc/>
    public double Start => 0;

    /// <inheritdoc/>
    public double Add(double result, double element) =>
        result + (p == 1 ? Math.Abs(element) : p == 2 ? element * element : Elementary.Pow(Math.Abs(element), p));

    /// <summary>The norm for a sum of powers.</summary>
    public double Root(double sum) => p == 1 ? sum : p == 2 ? Math.Sqrt(sum) : Elementary.Pow(sum, 1.0 / p);

    /// <summary>The norm of some elements.</summary>
    public double Of(ReadOnlySpan<double> items)
    {
        double sum = 0;
        foreach (double item in items) sum = Add(sum, item);
        return Root(sum);
    }
}
