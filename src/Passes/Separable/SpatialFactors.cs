using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Passes.Separable;

/// <summary>
/// A 2d convolution whose weights, for each group as a matrix of channels and rows of taps by filters and columns of taps, have rank R is
/// one with k x 1 taps to R channels, then one with 1 x k taps: W[m, c, i, j] = sum over r of H[m, r, j] V[r, c, i]. Source: Jaderberg,
/// Vedaldi, Zisserman, "Speeding up Convolutional Neural Networks with Low Rank Expansions" (2014), scheme 2.
/// </summary>
internal static class SpatialFactors
{
    /// <summary>Name of the form.</summary>
    public const string Name = "spatial-factors";

    // Beyond this the decomposition takes longer than all the rest of a compilation.
    private const int LargestSide = 288;

    /// <summary>The form at the smallest R within a bound of the relative error; null where there is none.</summary>
    /// <param name="whole">The convolution.</param>
    /// <param name="geometry">Its windows.</param>
    /// <param name="bound">The bound.</param>
    /// <param name="channelWeights">How much input channels count: rows of the matrices are decomposed so weighted.</param>
    /// <param name="x">The operand's shape.</param>
    /// <param name="reason">Why it nearly is; null where it has no such form anyway.</param>
    public static Factoring? Of(ConvolutionStep whole, ConvolutionGeometry geometry, double bound, double[] channelWeights, Shape x,
        out string? reason)
    {
        reason = null;
        var weights = whole.Weights;
        if (weights.Rank != 4 || weights.Dims[2] == 1 || weights.Dims[3] == 1) return null;
        int group = (int)whole.Op.Group, filters = (int)weights.Dims[0] / group, channels = (int)weights.Dims[1];
        int high = (int)weights.Dims[2], wide = (int)weights.Dims[3];
        if (Math.Min(channels * high, filters * wide) > LargestSide)
        {
            reason = $"a matrix of {channels * high} rows and {filters * wide} columns would take too long to decompose";
            return null;
        }
        double[] w = weights.ToDoubles();
        ThinDecomposition[] matrices = [.. Enumerable.Range(0, group).Select(g => new ThinDecomposition(channels * high, filters * wide,
            (row, column) => channelWeights[g * channels + row / high]
                * w[Place(g * filters + column / wide, row / high, row % high, column % wide)]))];
        double[] errors = ThinDecomposition.Errors(matrices);
        var op = ConvolutionStep.Explicit(whole.Op, geometry);
        double[] down = new double[group * channels * high], along = new double[group * filters * wide];
        var (first, second) = Steps(1, down, along);
        double unit = first.Macs(x) + second.Macs(first.Result(x));
        long most = Math.Min(errors.Length, (long)Math.Ceiling(whole.Macs(x) / unit) - 1);
        int rank = ThinDecomposition.RankFor(errors, bound, most, out reason);
        if (rank == 0) return null;

        (down, along) = (new double[group * rank * channels * high], new double[group * filters * rank * wide]);
        for (int g = 0; g < group; g++)
            for (int r = 0; r < rank; r++)
            {
                double root = r < matrices[g].Values.Length ? Math.Sqrt(matrices[g].Values[r]) : 0;
                if (root == 0) continue;
                for (int row = 0; row < channels * high; row++) down[(g * rank + r) * channels * high + row] =
                    root * matrices[g].Left[row, r] / channelWeights[g * channels + row / high];
                for (int m = 0; m < filters; m++)
                    for (int j = 0; j < wide; j++)
                        along[((g * filters + m) * rank + r) * wide + j] = root * matrices[g].Right[r, m * wide + j];
            }
        (first, second) = Steps(rank, down, along);
        double[] v = first.Weights.ToDoubles(), h = second.Weights.ToDoubles(), product = new double[w.Length];
        for (int i = 0; i < w.Length; i++)
        {
            int j = i % wide, row = i / wide % (channels * high), m = i / wide / (channels * high);
            for (int r = 0; r < rank; r++) product[i] += h[(m * rank + r) * wide + j] * v[(m / filters * rank + r) * channels * high + row];
        }
        return new Factoring(Name, [first, second], errors[rank - 1],
            ChannelWeights.Error(weights, product, group, channelWeights));

        (ConvolutionStep, ConvolutionStep) Steps(int r, double[] down, double[] along) => (
            new(Axis(op, 0), Tensor.FromDoubles(weights.DType, [group * r, channels, high, 1], down)),
            new(Axis(op, 1), Tensor.FromDoubles(weights.DType, [group * filters, r, 1, wide], along), whole.Bias));

        int Place(int m, int c, int i, int j) => ((m * channels + c) * high + i) * wide + j;
    }

    // The op along one axis alone: one tap, no padding and stride 1 along the other.
    private static Conv Axis(Conv op, int axis)
    {
        int other = 1 - axis;
        long[] Only(EquatableArray<long> list, long neutral) => [.. Enumerable.Range(0, 2).Select(i => i == axis ? list[i] : neutral)];
        return op with
        {
            KernelShape = Only(op.KernelShape, 1).ToEquatable(), Strides = Only(op.Strides, 1).ToEquatable(),
            Dilations = Only(op.Dilations, 1).ToEquatable(),
            Pads = Enumerable.Range(0, 4).Select(i => i % 2 == other ? 0 : op.Pads[i]).ToEquatable(),
        };
    }
}
