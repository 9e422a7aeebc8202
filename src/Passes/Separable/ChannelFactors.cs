using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Passes.Separable;

/// <summary>
/// A convolution whose slices for each input channel, matrices of filters by taps, have rank T is a depthwise convolution with T filters
/// for each channel, then a pointwise one: W[m, c, k] = sum over t of P[m, c T + t] D[c T + t, k].
/// </summary>
internal static class ChannelFactors
{
    /// <summary>Name of the form.</summary>
    public const string Name = "channel-factors";

    /// <summary>Relative errors of the weights [m, c/group, kernel...] at T = 1, 2, ..., up to the number of taps.</summary>
    public static double[] Errors(Tensor weights, int group) => ThinDecomposition.Errors(Decompose(weights, group));

    /// <summary>The form at the smallest T within a bound of the relative error; null where there is none.</summary>
    /// <param name="whole">The convolution.</param>
    /// <param name="geometry">Its windows.</param>
    /// <param name="bound">The bound.</param>
    /// <param name="channelWeights">How much input channels count.</param>
    /// <param name="reason">Why it nearly is; null where it has no such form anyway.</param>
    public static Factoring? Of(ConvolutionStep whole, ConvolutionGeometry geometry, double bound, double[] channelWeights,
        out string? reason)
    {
        reason = null;
        var weights = whole.Weights;
        int group = (int)whole.Op.Group, filters = (int)weights.Dims[0] / group, channels = (int)weights.Dims[1];
        int taps = (int)(weights.Count / weights.Dims[0] / channels);
        if (channels == 1 || taps == 1) return null;
        var matrices = Decompose(weights, group);
        double[] errors = ThinDecomposition.Errors(matrices, channelWeights);
        // T (taps + filters) multiply-accumulates in place of filters taps.
        int rank = ThinDecomposition.RankFor(errors, bound, ((long)filters * taps - 1) / (taps + filters), out reason);
        if (rank == 0) return null;

        // The root of each singular value goes to either side, so that both keep the scale of the weights.
        var depthwise = new double[group * channels * rank * taps];
        var pointwise = new double[group * filters * channels * rank];
        for (int c = 0; c < group * channels; c++)
            for (int t = 0; t < rank; t++)
            {
                double root = t < matrices[c].Values.Length ? Math.Sqrt(matrices[c].Values[t]) : 0;
                if (root == 0) continue;
                for (int k = 0; k < taps; k++) depthwise[(c * rank + t) * taps + k] = root * matrices[c].Right[t, k];
                for (int m = 0; m < filters; m++)
                    pointwise[((c / channels * filters + m) * channels + c % channels) * rank + t] = root * matrices[c].Left[m, t];
            }
        var first = new ConvolutionStep(ConvolutionStep.Explicit(whole.Op, geometry) with { Group = group * channels },
            Tensor.FromDoubles(weights.DType, [group * channels * rank, 1, .. weights.Dims[2..]], depthwise));
        var second = new ConvolutionStep(new Conv(Group: group), Tensor.FromDoubles(weights.DType,
            [group * filters, channels * rank, .. weights.Dims[2..].Select(_ => 1L)], pointwise), whole.Bias);
        return new Factoring(Name, [first, second], errors[rank - 1],
            ChannelWeights.Error(weights, Product(first.Weights, second.Weights, filters, channels, taps, rank), group, channelWeights));
    }

    private static ThinDecomposition[] Decompose(Tensor weights, int group)
    {
        double[] w = weights.ToDoubles();
        int filters = (int)weights.Dims[0] / group, channels = (int)weights.Dims[1], taps = w.Length / filters / group / channels;
        return [.. Enumerable.Range(0, group * channels).Select(c => new ThinDecomposition(filters, taps,
            (m, k) => w[((c / channels * filters + m) * channels + c % channels) * taps + k]))];
    }

    // The weights that the factors stand for, rounded as they are.
    private static double[] Product(Tensor first, Tensor second, int filters, int channels, int taps, int rank)
    {
        double[] depthwise = first.ToDoubles(), pointwise = second.ToDoubles();
        var w = new double[pointwise.Length / rank * taps];
        for (int i = 0; i < w.Length; i++)
        {
            int k = i % taps, c = i / taps % channels, m = i / taps / channels, from = m / filters * channels + c;
            for (int t = 0; t < rank; t++) w[i] += pointwise[(m * channels + c) * rank + t] * depthwise[(from * rank + t) * taps + k];
        }
        return w;
    }
}
