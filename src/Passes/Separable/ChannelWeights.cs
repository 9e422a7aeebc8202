using Nncc.IR;

namespace Nncc.Passes.Separable;

/// <summary>
/// How much the input channels of a convolution count in its error: the roots of their second moments where inputs are known, else all
/// alike. An error of weights so weighted is that of the result, as far as channels and taps do not go together.
/// </summary>
internal static class ChannelWeights
{
    // Channels that were zero in all calibration inputs need not be so in others.
    private const double Least = 1e-3;

    /// <summary>The weights of channels with these roots of second moments; null for all alike.</summary>
    public static double[] Of(int channels, double[]? roots)
    {
        var weights = new double[channels];
        Array.Fill(weights, 1);
        double most = roots?.Max() ?? 0;
        if (most > 0 && double.IsFinite(most))
            for (int c = 0; c < channels; c++) weights[c] = Math.Max(roots![c] / most, Least);
        return weights;
    }

    /// <summary>The weighted relative error of weights [m, c/group, kernel...] if others stood for them.</summary>
    public static double Error(Tensor weights, double[] others, int group, double[] channelWeights)
    {
        double[] w = weights.ToDoubles();
        int filters = (int)weights.Dims[0] / group, channels = (int)weights.Dims[1], taps = w.Length / filters / group / channels;
        double error = 0, all = 0;
        for (int i = 0; i < w.Length; i++)
        {
            double root = channelWeights[i / taps / channels / filters * channels + i / taps % channels];
            error += root * root * (w[i] - others[i]) * (w[i] - others[i]);
            all += root * root * w[i] * w[i];
        }
        return all == 0 ? 0 : Math.Sqrt(error / all);
    }
}
