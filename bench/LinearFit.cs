namespace Nncc.Bench;

/// <summary>
/// Milliseconds as a times multiply-accumulates plus b times activations, by least squares of relative errors: what one would predict
/// without a cost model.
/// </summary>
/// <param name="A">Milliseconds of a multiply-accumulate.</param>
/// <param name="B">Milliseconds of an activation.</param>
internal sealed record LinearFit(double A, double B)
{
    /// <summary>The fit of models; not below 0.</summary>
    public static LinearFit Of(IReadOnlyList<(double Macs, double Activations, double Ms)> models)
    {
        double aa = 0, ab = 0, bb = 0, a1 = 0, b1 = 0;
        foreach (var (macs, activations, ms) in models)
        {
            double a = macs / ms, b = activations / ms;
            (aa, ab, bb, a1, b1) = (aa + a * a, ab + a * b, bb + b * b, a1 + a, b1 + b);
        }
        double determinant = aa * bb - ab * ab;
        if (determinant <= 0) return new(aa > 0 ? a1 / aa : 0, 0);
        double x = (a1 * bb - b1 * ab) / determinant, y = (b1 * aa - a1 * ab) / determinant;
        return x < 0 ? new(0, b1 / bb) : y < 0 ? new(a1 / aa, 0) : new(x, y);
    }

    /// <summary>The milliseconds of a model.</summary>
    public double At(double macs, double activations) => A * macs + B * activations;
}
