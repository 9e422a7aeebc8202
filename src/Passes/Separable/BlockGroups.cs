using System.Numerics;
using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Passes.Separable;

/// <summary>
/// A convolution of one group whose weights are zero between equal blocks of consecutive channels and filters is one of that many groups.
/// </summary>
internal static class BlockGroups
{
    /// <summary>Name of the form.</summary>
    public const string Name = "block-groups";

    /// <summary>The form with the most groups; null where there is none.</summary>
    public static Factoring? Of(ConvolutionStep whole)
    {
        var weights = whole.Weights;
        if (whole.Op.Group != 1 || weights.Count == 0) return null;
        int filters = (int)weights.Dims[0], channels = (int)weights.Dims[1];
        long taps = weights.Count / filters / channels;
        double[] w = weights.ToDoubles();
        for (int groups = (int)BigInteger.GreatestCommonDivisor(filters, channels); groups > 1; groups--)
        {
            if (filters % groups != 0 || channels % groups != 0 || !IsDiagonal(groups)) continue;
            int rows = filters / groups, columns = channels / groups;
            double[] kept = [.. Enumerable.Range(0, filters).SelectMany(m =>
                w.Skip((int)((m * channels + m / rows * columns) * taps)).Take((int)(columns * taps)))];
            var tensor = Tensor.FromDoubles(weights.DType, [filters, columns, .. weights.Dims[2..]], kept);
            return new Factoring(Name, [whole with { Op = whole.Op with { Group = groups }, Weights = tensor }], 0, 0);
        }
        return null;

        bool IsDiagonal(int groups)
        {
            int rows = filters / groups, columns = channels / groups;
            for (long i = 0; i < w.Length; i++)
                if (w[i] != 0 && i / taps % channels / columns != i / taps / channels / rows) return false;
            return true;
        }
    }
}
