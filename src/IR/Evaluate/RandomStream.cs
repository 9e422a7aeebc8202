namespace Nncc.IR.Evaluate;

/// <summary>
/// Random numbers for the evaluator, the same for the same seed on every machine: the Mersenne Twister MT19937 of M. Matsumoto and
/// T. Nishimura ("Mersenne twister", 1998), seeded and read as NumPy's <c>RandomState</c> does, which ONNX's reference uses.
/// </summary>
internal sealed class RandomStream
{
    private const int Size = 624, Middle = 397;

    private readonly uint[] state = new uint[Size];
    private int at = Size;

    /// <summary>A stream for a seed; without one it is that of seed 0, for what is evaluated twice must give the same.</summary>
    public RandomStream(double? seed)
    {
        state[0] = (uint)(long)(double.IsFinite(seed ?? 0) ? Math.Clamp(seed ?? 0, int.MinValue, uint.MaxValue) : 0);
        for (uint i = 1; i < Size; i++) state[i] = 1812433253U * (state[i - 1] ^ (state[i - 1] >> 30)) + i;
    }

    /// <summary>The next 32 bits.</summary>
    public uint Next()
    {
        if (at == Size) Twist();
        uint y = state[at++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C5680U;
        y ^= (y << 15) & 0xEFC60000U;
        return y ^ (y >> 18);
    }

    /// <summary>A number from [0, 1), all multiples of 2^-53 alike.</summary>
    public double Uniform()
    {
        uint high = Next() >> 5, low = Next() >> 6;
        return (high * 67108864.0 + low) / (1UL << 53);
    }

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

    private void Twist()
    {
        for (int i = 0; i < Size; i++)
        {
            uint y = (state[i] & 0x80000000U) | (state[(i + 1) % Size] & 0x7FFFFFFFU);
            state[i] = state[(i + Middle) % Size] ^ (y >> 1) ^ ((y & 1) == 0 ? 0 : 0x9908B0DFU);
        }
        at = 0;
    }
}
