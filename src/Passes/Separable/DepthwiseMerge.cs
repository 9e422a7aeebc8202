using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Passes.Separable;

/// <summary>
/// A depthwise convolution followed by a pointwise one with nothing between is one dense convolution:
/// W[m, c, k] = sum over t of P[m, c T + t] D[c T + t, k], b = P b1 + b2. Of the smaller of the two it needs more arithmetic, but no
/// traffic between.
/// </summary>
internal static class DepthwiseMerge
{
    /// <summary>Whether two steps are such.</summary>
    public static bool Fits(ConvolutionStep first, ConvolutionStep second) => IsDepthwise(first) && IsPointwise(second);

    /// <summary>Whether a step has one channel in each group.</summary>
    public static bool IsDepthwise(ConvolutionStep step) => step.Op.Group > 1 && step.Weights.Dims[1] == 1;

    /// <summary>Whether a step has one group and one tap, with stride 1 and no padding.</summary>
    public static bool IsPointwise(ConvolutionStep step) => step.Op.Group == 1 && step.Weights.Dims[2..].All(k => k == 1)
        && step.Op.AutoPad is AutoPad.NotSet or AutoPad.Valid && step.Op.Pads.All(p => p == 0) && step.Op.Strides.All(s => s == 1);

    /// <summary>The dense convolution.</summary>
    public static Factoring Of(ConvolutionStep depthwise, ConvolutionStep pointwise)
    {
        double[] d = depthwise.Weights.ToDoubles(), p = pointwise.Weights.ToDoubles();
        int channels = (int)depthwise.Op.Group, inner = (int)depthwise.Weights.Dims[0], each = inner / channels, taps = d.Length / inner;
        int filters = (int)pointwise.Weights.Dims[0];
        var w = new double[filters * channels * taps];
        for (int m = 0; m < filters; m++)
            for (int i = 0; i < inner; i++)
                for (int k = 0; k < taps; k++) w[(m * channels + i / each) * taps + k] += p[m * inner + i] * d[i * taps + k];
        var dense = new ConvolutionStep(depthwise.Op with { Group = 1 },
            Tensor.FromDoubles(depthwise.Weights.DType, [filters, channels, .. depthwise.Weights.Dims[2..]], w),
            Bias(depthwise, pointwise));
        return new Factoring("depthwise-merge", [dense], 0, 0);
    }

    /// <summary>The bias of two convolutions of which the second has one group: what its taps make of the first's, and its own.</summary>
    public static Tensor? Bias(ConvolutionStep first, ConvolutionStep second)
    {
        if (first.Bias is null) return second.Bias;
        int filters = (int)second.Weights.Dims[0], inner = (int)second.Weights.Dims[1];
        int taps = (int)(second.Weights.Count / filters / inner);
        double[] p = second.Weights.ToDoubles(), b = first.Bias.ToDoubles(), sum = second.Bias?.ToDoubles() ?? new double[filters];
        for (int i = 0; i < p.Length; i++) sum[i / taps / inner] += p[i] * b[i / taps % inner];
        return Tensor.FromDoubles(first.Weights.DType, [filters], sum);
    }
}
