using System.Collections.Immutable;

namespace Nncc.Backends.Calibration;

/// <summary>
/// Measures figures in turns: all of them once in each round, so that what disturbs the machine for a while falls on all. Of a machine that
/// was busy they are measured again, once.
/// </summary>
/// <param name="figures">What is measured.</param>
/// <param name="clock">The clock.</param>
internal sealed class FigureRounds(ImmutableArray<Figure> figures, TimeProvider clock)
{
    private const int LeastRounds = 3;

    /// <summary>Measures for about so long, and at least three rounds.</summary>
    /// <param name="time">How long.</param>
    /// <param name="busy">Told of the first measurement where the machine was busy during it.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The steadier of two measurements where it was busy.</returns>
    public MeasuredFigures Run(TimeSpan time, Action<MeasuredFigures> busy, CancellationToken cancellation = default)
    {
        var first = Once(time, cancellation);
        if (first.IsSteady) return first;
        busy(first);
        var second = Once(time, cancellation);
        return second.Unsteady.Count() <= first.Unsteady.Count() ? second : first;
    }

    private MeasuredFigures Once(TimeSpan time, CancellationToken cancellation)
    {
        var samples = figures.Select(_ => new List<double>()).ToArray();
        long start = clock.GetTimestamp();
        int rounds = 0;
        do
        {
            for (int i = 0; i < samples.Length; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                samples[i].Add(figures[i].Measure());
            }
            rounds++;
        }
        while (rounds < LeastRounds || clock.GetElapsedTime(start) < time);
        return new MeasuredFigures([.. figures.Select((figure, i) => Of(figure, samples[i]))], rounds);
    }

    private static MeasuredFigure Of(Figure figure, List<double> samples)
    {
        samples.Sort();
        double median = At(samples, 0.5), spread = median > 0 ? (At(samples, 0.75) - At(samples, 0.25)) / median : 0;
        return new MeasuredFigure(figure.Name, figure.Unit, median, spread, spread <= figure.Allowed);
    }

    // Between the two nearest samples.
    private static double At(List<double> sorted, double share)
    {
        double place = share * (sorted.Count - 1);
        int below = (int)place;
        return below + 1 < sorted.Count ? sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
    }
}
