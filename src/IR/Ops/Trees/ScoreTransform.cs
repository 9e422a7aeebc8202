using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>What follows the scores of the models of ai.onnx.ml.</summary>
public enum PostTransform
{
    /// <summary>Nothing.</summary>
    [OnnxName("NONE")]
    None,
    /// <summary>exp(x) / Σ exp(x).</summary>
    [OnnxName("SOFTMAX")]
    Softmax,
    /// <summary>1 / (1 + exp(-x)).</summary>
    [OnnxName("LOGISTIC")]
    Logistic,
    /// <summary>As softmax, where scores of 0 stay 0.</summary>
    [OnnxName("SOFTMAX_ZERO")]
    SoftmaxZero,
    /// <summary>The inverse of the normal distribution's function.</summary>
    [OnnxName("PROBIT")]
    Probit,
}

/// <summary>Applies <see cref="PostTransform"/>.</summary>
internal static class ScoreTransform
{
    /// <summary>Changes a row of scores.</summary>
    public static void Apply(this PostTransform transform, Span<double> row)
    {
        switch (transform)
        {
            case PostTransform.Softmax:
                DotProductAttention.Softmax(row);
                break;
            case PostTransform.SoftmaxZero:
                SoftmaxZero(row);
                break;
            case PostTransform.Logistic:
                foreach (ref double item in row) item = Logistic(item);
                break;
            case PostTransform.Probit:
                foreach (ref double item in row) item = Probit(item);
                break;
        }
    }

    /// <summary>1 / (1 + exp(-x)).</summary>
    public static double Logistic(double x) => x < 0 ? Elementary.Exp(x) / (1 + Elementary.Exp(x)) : 1 / (1 + Elementary.Exp(-x));

    /// <summary>
    /// √2 · erf⁻¹(2p - 1) by S. Winitzki's formula ("A handy approximation for the error function and its inverse", 2008), which is what
    /// ai.onnx.ml's implementations compute.
    /// </summary>
    public static double Probit(double p)
    {
        double x = 2 * p - 1, product = (1 - x) * (1 + x);
        if (product == 0) return 0;
        double log = Elementary.Log(product), v = 2 / (Math.PI * 0.147) + 0.5 * log;
        double root = Math.Sqrt(-v + Math.Sqrt(v * v - log / 0.147));
        return 1.41421356 * (x < 0 ? -root : root);
    }

    private static void SoftmaxZero(Span<double> row)
    {
        double most = double.NegativeInfinity, sum = 0;
        foreach (double item in row) most = Math.Max(most, item);
        foreach (ref double item in row)
            sum += item = Math.Abs(item) > 1e-7 ? Elementary.Exp(item - most) : item * Elementary.Exp(-most);
        foreach (ref double item in row) item = sum == 0 ? 0.5 : item / sum;
    }
}
