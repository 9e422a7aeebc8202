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
        var dtype = depthwise.Weights.DType;
        Tensor? bias = pointwise.Bias;
        if (depthwise.Bias is { } first)
        {
            double[] b = first.ToDoubles(), sum = bias?.ToDoubles() ?? new double[filters];
            for (int m = 0; m < filters; m++)
                for (int i = 0; i < inner; i++) sum[m] += p[m * inner + i] * b[i];
            bias = Tensor.FromDoubles(dtype, [filters], sum);
        }
        var dense = new ConvolutionStep(depthwise.Op with { Group = 1 },
            Tensor.FromDoubles(dtype, [filters, channels, .. depthwise.Weights.Dims[2..]], w), bias);
        return new Factoring("depthwise-merge", [dense], 0, 0);
    }
}
