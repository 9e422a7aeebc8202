namespace Nncc.Zoo;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014): the same numbers on every machine.
/// </summary>
/// <param name="seed">Seed.</param>
public sealed class SeededRandom(ulong seed)
{
    private ulong state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong NextBits()
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number in [-1, 1), a multiple of 2^-23: never a denormal.</summary>
    public float NextSigned() => (int)(NextBits() >> 40) * (1f / (1 << 23)) - 1;

    /// <summary>Numbers in [low, high), row-major.</summary>
    public Tensor Uniform(float low, float high, params long[] dims)
    {
        var items = new float[dims.Aggregate(1L, (a, b) => a * b)];
        float middle = (low + high) / 2, half = (high - low) / 2;
        for (long i = 0; i < items.LongLength; i++) items[i] = middle + half * NextSigned();
        return Tensor.Of(dims, items);
    }
}
