using System.Collections.Immutable;

namespace Nncc.Backends.Calibration;

/// <summary>Something that is measured of a machine.</summary>
/// <param name="Name">What it is, such as <c>L1 read</c> or <c>tile 14x2</c>.</param>
/// <param name="Unit">Its unit; empty for a share.</param>
/// <param name="Allowed">Share by which repeated measurements may spread on a machine that is not busy.</param>
/// <param name="Measure">Measures it once, in a few milliseconds.</param>
internal sealed record Figure(string Name, string Unit, double Allowed, Func<double> Measure);

/// <summary>What repeated measurements of a figure gave.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Unit">Its unit; empty for a share.</param>
/// <param name="Value">The median.</param>
/// <param name="Spread">How far the middle half of the measurements is apart, as a share of the median.</param>
/// <param name="IsSteady">Whether that is no more than a machine that is not busy gives.</param>
public sealed record MeasuredFigure(string Name, string Unit, double Value, double Spread, bool IsSteady);

/// <summary>What all rounds gave.</summary>
/// <param name="Figures">The figures, in order.</param>
/// <param name="Rounds">How often each was measured.</param>
public sealed record MeasuredFigures(ImmutableArray<MeasuredFigure> Figures, int Rounds)
{
    // Of so many figures one spreads more by chance: a busy machine shows in several.
    private const int Chance = 20;

    /// <summary>The figures that spread too far.</summary>
    public IEnumerable<MeasuredFigure> Unsteady => Figures.Where(f => !f.IsSteady);

    /// <summary>Whether the machine had nothing else to do.</summary>
    public bool IsSteady => Unsteady.Count() <= Figures.Length / Chance;

    /// <summary>The value of a figure.</summary>
    public double this[string name] => Figures.Single(f => f.Name == name).Value;
}
