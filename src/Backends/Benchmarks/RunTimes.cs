using System.Collections.Immutable;

namespace Nncc.Backends.Benchmarks;

/// <summary>Times of many runs, in milliseconds.</summary>
/// <param name="Runs">Number of runs.</param>
/// <param name="MedianMs">The median.</param>
/// <param name="P90Ms">The time that nine of ten runs do not exceed.</param>
/// <param name="MinMs">The shortest.</param>
public sealed record RunTimes(int Runs, double MedianMs, double P90Ms, double MinMs)
{
    /// <summary>The figures of times in milliseconds.</summary>
    internal static RunTimes Of(IEnumerable<double> milliseconds)
    {
        double[] sorted = [.. milliseconds.Order()];
        return new(sorted.Length, Quantile(sorted, 0.5), Quantile(sorted, 0.9), sorted[0]);
    }

    /// <summary>The value at a share of sorted values, between neighbours by their distance.</summary>
    internal static double Quantile(ReadOnlySpan<double> sorted, double share)
    {
        double place = share * (sorted.Length - 1);
        int below = (int)place;
        return below + 1 < sorted.Length ? sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
    }

    /// <summary>The median of values in any order.</summary>
    internal static double Median(IEnumerable<double> values) => Quantile([.. values.Order()], 0.5);
}

/// <summary>How much faster one engine is than another.</summary>
/// <param name="Median">The other's median time over the one's.</param>
/// <param name="Low">The ratio of medians that one of ten rounds stays below.</param>
/// <param name="High">The ratio of medians that one of ten rounds exceeds.</param>
/// <param name="OfMinima">The other's shortest time over the one's.</param>
public sealed record RatioEstimate(double Median, double Low, double High, double OfMinima)
{
    /// <summary>The estimate from the rounds that count.</summary>
    /// <param name="rounds">Times by round, of the one and of the other.</param>
    internal static RatioEstimate Of(IReadOnlyList<(double[] One, double[] Other)> rounds)
    {
        double[] ratios = [.. rounds.Select(r => RunTimes.Median(r.Other) / RunTimes.Median(r.One)).Order()];
        RunTimes one = RunTimes.Of(rounds.SelectMany(r => r.One)), other = RunTimes.Of(rounds.SelectMany(r => r.Other));
        return new(other.MedianMs / one.MedianMs, RunTimes.Quantile(ratios, 0.1), RunTimes.Quantile(ratios, 0.9), other.MinMs / one.MinMs);
    }
}
