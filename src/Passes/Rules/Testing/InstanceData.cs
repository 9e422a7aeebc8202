using System.Collections.Immutable;

namespace Nncc.Passes.Rules.Testing;

/// <summary>Contents of tensors for instances of rules.</summary>
/// <param name="random">Where they come from.</param>
/// <param name="hasSpecials">Whether floats may be infinite, NaN, denormal or huge, for laws that hold for these too.</param>
internal sealed class InstanceData(Random random, bool hasSpecials)
{
    private static readonly double[] Specials =
        [0, -0.0, 1, -1, double.PositiveInfinity, double.NegativeInfinity, double.NaN, 1e-310, -3e-39, 1e-7, 60000, -1e30, 3e38];

    // Variances and the like are never negative; a rule about them sees nothing but NaN otherwise.
    private readonly bool isPositive = random.Next(2) == 0;

    /// <summary>A tensor for an input.</summary>
    public Tensor Input(DType dtype, ReadOnlySpan<long> dims)
    {
        if (dtype == DType.String)
            return Tensor.Of(dims, Enumerable.Range(0, (int)Count(dims)).Select(_ => ((char)('a' + random.Next(6))).ToString()).ToArray());
        if (dtype.IsComplex()) return Complex(dtype, dims);
        double[] items = new double[Count(dims)];
        for (int i = 0; i < items.Length; i++) items[i] = Item(dtype);
        return Tensor.FromDoubles(dtype, dims, items);
    }

    /// <summary>A tensor for a constant: sometimes all of one number, for these are what conditions ask for.</summary>
    public Tensor Constant(DType dtype, ReadOnlySpan<long> dims)
    {
        double[] items = new double[Count(dims)];
        switch (random.Next(6))
        {
            case 0: Array.Fill(items, random.Next(2)); break;
            case 1: Array.Fill(items, Item(dtype)); break;
            default:
                for (int i = 0; i < items.Length; i++) items[i] = Item(dtype);
                break;
        }
        return Tensor.FromDoubles(dtype, dims, items);
    }

    // A real and an imaginary part for each element.
    private Tensor Complex(DType dtype, ReadOnlySpan<long> dims)
    {
        double[] parts = new double[2 * Count(dims)];
        for (int i = 0; i < parts.Length; i++) parts[i] = Item(DType.Float32);
        return dtype == DType.Complex128 ? Tensor.Of(dtype, dims, parts) : Tensor.Of(dtype, dims, parts.Select(x => (float)x).ToArray());
    }

    private double Item(DType dtype)
    {
        if (dtype == DType.Bool) return random.Next(2);
        if (!dtype.IsFloat()) return random.Next(dtype.IsUnsigned() ? 0 : -5, 6);
        if (hasSpecials && random.Next(8) == 0) return Specials[random.Next(Specials.Length)];
        // Some beyond the bounds at which activations are cut off.
        double magnitude = (0.1 + random.NextDouble() * 2) * (random.Next(8) == 0 ? 4 : 1);
        return isPositive || random.Next(2) == 0 ? magnitude : -magnitude;
    }

    private static long Count(ReadOnlySpan<long> dims)
    {
        long count = 1;
        foreach (long dim in dims) count *= dim;
        return count;
    }
}
