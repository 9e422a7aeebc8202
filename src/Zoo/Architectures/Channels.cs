namespace Nncc.Zoo.Architectures;

/// <summary>How families of networks round numbers of channels and layers that a factor scales.</summary>
internal static class Channels
{
    /// <summary>
    /// The nearest multiple of 8, at least 8, and not more than a tenth below the number (MobileNet's <c>make_divisible</c>).
    /// </summary>
    public static int Divisible(double channels)
    {
        int rounded = Math.Max(8, (int)(channels + 4) / 8 * 8);
        return rounded < 0.9 * channels ? rounded + 8 : rounded;
    }

    /// <summary>Layers of a stage, rounded up.</summary>
    public static int Layers(int count, double factor) => (int)Math.Ceiling(count * factor - 1e-9);
}
