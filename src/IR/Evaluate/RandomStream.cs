namespace Nncc.IR.Evaluate;

/// <summary>
/// Random numbers for the evaluator, the same for the same seed on every machine: SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast
/// splittable pseudorandom number generators", 2014).
/// </summary>
internal sealed class RandomStream
{
    private ulong state;

    /// <summary>A stream for a seed; without one it is that of seed 0, for what is evaluated twice must give the same.</summary>
    public RandomStream(float? seed) => state = BitConverter.SingleToUInt32Bits(seed ?? 0) * 0x9E3779B97F4A7C15UL;

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        ulong z = state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>A number from [0, 1), all multiples of 2^-53 alike.</summary>
    public double Uniform() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number of the normal distribution of mean 0 and variance 1 (G. Box, M. Muller, 1958).</summary>
    public double Normal() =>
        Math.Sqrt(-2 * Elementary.Log(1 - Uniform())) * Elementary.Cos(2 * Math.PI * Uniform());

    /// <summary>So many numbers.</summary>
    public static double[] Fill(long count, Func<double> next)
    {
        var items = new double[count];
        for (int i = 0; i < items.Length; i++) items[i] = next();
        return items;
    }
}
