namespace Nncc.Passes.Counting;

/// <summary>
/// What training takes, in petaflop/s-days (1e15 operations a second for a day, 8.64e19 operations; Amodei and Hernandez, "AI and
/// compute", 2018), by either of that text's two ways. All arithmetic is in binary64.
/// </summary>
public static class TrainingCost
{
    /// <summary>Operations of one petaflop: 1e15.</summary>
    public const double Petaflop = 1e15;

    /// <summary>Seconds of a day.</summary>
    public const double SecondsPerDay = 86_400;

    /// <summary>Operations of a multiply-accumulate.</summary>
    public const double FlopsPerMac = 2;

    /// <summary>
    /// Passes over the network for each image: one forward, and two as expensive backward, for the gradients of inputs and of weights.
    /// </summary>
    public const double PassesPerImage = 3;

    /// <summary>Operations by counting: multiply-accumulates of a forward pass times 2 times 3, for every image of every epoch.</summary>
    /// <param name="macs">Multiply-accumulates of a forward pass of one image.</param>
    /// <param name="images">Images of the training set.</param>
    /// <param name="epochs">Passes over the training set.</param>
    public static double ByCounting(double macs, double images, double epochs) => macs * images * epochs * FlopsPerMac * PassesPerImage;

    /// <summary>Operations by time: what the devices' peak would give, times the share that is used.</summary>
    /// <param name="devices">Number of devices.</param>
    /// <param name="seconds">Seconds that they run.</param>
    /// <param name="peakFlops">Peak of one device, in operations a second.</param>
    /// <param name="utilization">Share of the peak that is reached, above 0 and up to 1.</param>
    public static double ByTime(double devices, double seconds, double peakFlops, double utilization) =>
        devices * seconds * peakFlops * utilization;

    /// <summary>Seconds that the devices take for so many operations.</summary>
    public static double Seconds(double operations, double devices, double peakFlops, double utilization) =>
        operations / (devices * peakFlops * utilization);

    /// <summary>Operations as petaflop/s-days.</summary>
    public static double PetaflopDays(double operations) => operations / Petaflop / SecondsPerDay;
}
