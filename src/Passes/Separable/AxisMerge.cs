using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Passes.Separable;

/// <summary>
/// A convolution along one spatial axis followed by one along the other with nothing between is one along both:
/// W[m, c, i, j] = sum over r of H[m, r, j] V[r, c, i]. The converse of <see cref="SpatialFactors"/>.
/// </summary>
internal static class AxisMerge
{
    /// <summary>
    /// Whether two steps are such: 2d, of one group, with single taps, stride 1 and no padding along the other's axis. What the second pads
    /// must be zero in the merged one too, which a bias of the first would not be.
    /// </summary>
    public static bool Fits(ConvolutionStep first, ConvolutionStep second) =>
        Axis(first) is { } a && Axis(second) is { } b && a != b
        && (second.Op.Pads.All(p => p == 0) || first.Bias is null || first.Bias.ToDoubles().All(b => b == 0));

    /// <summary>The convolution along both.</summary>
    public static Factoring Of(ConvolutionStep first, ConvolutionStep second)
    {
        double[] v = first.Weights.ToDoubles(), h = second.Weights.ToDoubles();
        int inner = (int)first.Weights.Dims[0], channels = (int)first.Weights.Dims[1], filters = (int)second.Weights.Dims[0];
        bool isDownFirst = Axis(first) == 0;
        int high = (int)(isDownFirst ? first : second).Weights.Dims[2], wide = (int)(isDownFirst ? second : first).Weights.Dims[3];
        var w = new double[filters * channels * high * wide];
        for (int at = 0; at < w.Length; at++)
        {
            int j = at % wide, i = at / wide % high, c = at / wide / high % channels, m = at / wide / high / channels;
            int a = isDownFirst ? i : j, b = isDownFirst ? j : i, near = isDownFirst ? high : wide, far = isDownFirst ? wide : high;
            for (int r = 0; r < inner; r++) w[at] += h[(m * inner + r) * far + b] * v[(r * channels + c) * near + a];
        }
        var dtype = first.Weights.DType;
        var op = first.Op with
        {
            AutoPad = AutoPad.NotSet, KernelShape = new long[] { high, wide }.ToEquatable(),
            Strides = Both(first.Op.Strides, second.Op.Strides, 1), Dilations = Both(first.Op.Dilations, second.Op.Dilations, 1),
            Pads = Both(first.Op.Pads, second.Op.Pads, 0),
        };
        return new Factoring("axis-merge", [new ConvolutionStep(op, Tensor.FromDoubles(dtype, [filters, channels, high, wide], w),
            DepthwiseMerge.Bias(first, second))], 0, 0);

        // Along each axis one of the two has what is neutral.
        EquatableArray<long> Both(EquatableArray<long> one, EquatableArray<long> other, long neutral)
        {
            int count = neutral == 0 ? 4 : 2;
            long At(EquatableArray<long> list, int i) => list.IsEmpty ? neutral : list[i];
            return Enumerable.Range(0, count).Select(i => i % 2 == (isDownFirst ? 0 : 1) ? At(one, i) : At(other, i)).ToEquatable();
        }
    }

    // The axis along which a step works; null where it is along both or along none.
    private static int? Axis(ConvolutionStep step)
    {
        var op = step.Op;
        if (step.Weights.Rank != 4 || op.Group != 1 || op.AutoPad is not (AutoPad.NotSet or AutoPad.Valid)) return null;
        for (int axis = 0; axis < 2; axis++)
        {
            int other = 1 - axis;
            if (step.Weights.Dims[2 + axis] > 1 && step.Weights.Dims[2 + other] == 1 && (op.Strides.IsEmpty || op.Strides[other] == 1)
                && (op.Pads.IsEmpty || (op.Pads[other] == 0 && op.Pads[2 + other] == 0))) return axis;
        }
        return null;
    }
}
