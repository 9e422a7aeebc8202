namespace Nncc.IR.Evaluate;

public static partial class Elementary
{
    /// <summary>
    /// Error function 2/√π ∫₀ˣ e^(-t²) dt (NIST Digital Library of Mathematical Functions, 7.2.1), by its Taylor series around the
    /// nearest multiple of 1/4.
    /// </summary>
    public static double Erf(double x)
    {
        double magnitude = Math.Abs(x);
        if (double.IsNaN(x)) return x;
        if (magnitude >= 6) return Math.Sign(x);
        int center = (int)Math.Round(magnitude * 4);
        double h = magnitude - 0.25 * center, sum = 0;
        var coefficients = ErfSeries.Coefficients.AsSpan(center * ErfSeries.Terms, ErfSeries.Terms);
        for (int n = coefficients.Length - 1; n >= 0; n--) sum = Math.FusedMultiplyAdd(sum, h, coefficients[n]);
        double value = Math.FusedMultiplyAdd(sum, h, ErfSeries.AtCenters[center]);
        return double.IsNegative(x) ? -value : value;
    }

    private static class ErfSeries
    {
        public const int Terms = 16;

        private static readonly double[] Centers =
        [
            0, 0.27632639016823696, 0.5204998778130465, 0.7111556336535151, 0.8427007929497149, 0.9229001282564583, 0.9661051464753108,
            0.9866716712191824, 0.9953222650189527, 0.9985372834133188, 0.999593047982555, 0.9998993780778803, 0.9999779095030014,
            0.9999956972205363, 0.9999992569016276, 0.9999998862727434, 0.9999999845827421, 0.9999999981494259, 0.9999999998033839,
            0.9999999999815149, 0.9999999999984626, 0.9999999999998869, 0.9999999999999927, 0.9999999999999996, 1,
        ];

        /// <summary>erf(c/4).</summary>
        public static ReadOnlySpan<double> AtCenters => Centers;

        /// <summary>For each center the coefficients of h, h², ... in erf(center + h).</summary>
        public static readonly double[] Coefficients = Compute();

        // The derivative g(h) = 2/√π e^(-(c+h)²) has g' = -2 (c + h) g, so (n+1) g[n+1] = -2 c g[n] - 2 g[n-1].
        private static double[] Compute()
        {
            var result = new double[Centers.Length * Terms];
            for (int i = 0; i < Centers.Length; i++)
            {
                double c = 0.25 * i, before = 0, derivative = 1.1283791670955126 * Exp(-c * c);
                for (int n = 0; n < Terms; n++)
                {
                    result[i * Terms + n] = derivative / (n + 1);
                    (before, derivative) = (derivative, (-2 * c * derivative - 2 * before) / (n + 1));
                }
            }
            return result;
        }
    }
}
