using System.Globalization;

namespace Nncc.Backends.Calibration;

/// <summary>Sizes of the data caches that one core may use, in KiB, the nearest first.</summary>
internal static class CacheSizes
{
    private const long Smallest = 8 << 10, Largest = 64 << 20;

    // A level ends where reading gets so much slower than in it; two sizes are in one level where they differ by less.
    private const double Fall = 0.75, Near = 0.85;

    /// <summary>
    /// What Linux says of the first core; empty where it says nothing. A cache that several cores share counts by its part for each.
    /// </summary>
    /// <param name="folder">The folder that says it, by default that of the system.</param>
    public static int[] OfSystem(string folder = "/sys/devices/system/cpu/cpu0/cache")
    {
        if (!Directory.Exists(folder)) return [];
        var sizes = new SortedDictionary<int, int>();
        foreach (string cache in Directory.EnumerateDirectories(folder, "index*").Order(StringComparer.Ordinal))
            if (Read(cache, "type") is "Data" or "Unified" && Size(Read(cache, "size")) is { } size
                && int.TryParse(Read(cache, "level"), NumberStyles.None, CultureInfo.InvariantCulture, out int level))
                sizes[level] = size / Math.Max(1, Cores(Read(cache, "shared_cpu_list")));
        int[] result = [.. sizes.Values];
        return result.Zip(result.Skip(1)).All(pair => pair.Second > pair.First) && result.All(s => s > 0) ? result : [];
    }

    /// <summary>Where the curve of bandwidths by size falls.</summary>
    /// <param name="bandwidth">Bandwidth of reading so many bytes over and over.</param>
    public static int[] ByMeasuring(Func<long, double> bandwidth)
    {
        var curve = new List<(long Bytes, double Speed)>();
        for (long bytes = Smallest; bytes <= Largest; bytes *= 2)
        {
            curve.Add((bytes, bandwidth(bytes)));
            curve.Add((bytes * 3 / 2, bandwidth(bytes * 3 / 2)));
        }
        var result = new List<int>();
        double level = curve[0].Speed;
        bool isFalling = false;
        for (int i = 1; i < curve.Count; i++)
        {
            // On the way down no level begins before two sizes are read at one speed.
            if (isFalling && curve[i].Speed >= Near * curve[i - 1].Speed) (isFalling, level) = (false, curve[i].Speed);
            else if (!isFalling && curve[i].Speed < Fall * level)
            {
                result.Add((int)(curve[i - 1].Bytes >> 10));
                isFalling = true;
            }
        }
        // A curve that never falls ends in the largest piece that was read.
        return result.Count == 0 ? [(int)(curve[^1].Bytes >> 10)] : [.. result];
    }

    private static string Read(string cache, string name) =>
        File.Exists(Path.Combine(cache, name)) ? File.ReadAllText(Path.Combine(cache, name)).Trim() : "";

    private static int? Size(string text) =>
        int.TryParse(text.TrimEnd('K', 'M'), NumberStyles.None, CultureInfo.InvariantCulture, out int size)
            ? text.EndsWith('M') ? size << 10 : size : null;

    // A list such as 0-1,4.
    private static int Cores(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries).Sum(part =>
        part.Split('-') is [var first, var last] && int.TryParse(first, out int a) && int.TryParse(last, out int b) ? b - a + 1 : 1);
}
