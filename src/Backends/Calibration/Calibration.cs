using System.Collections.Immutable;
using Nncc.Passes.Targets;

namespace Nncc.Backends.Calibration;

/// <summary>What was measured of this machine.</summary>
/// <param name="Profile">The profile that the figures make.</param>
/// <param name="Start">The profile that it started from.</param>
/// <param name="Figures">All figures, beside what they were.</param>
/// <param name="Rounds">How often each was measured.</param>
/// <param name="IsSteady">Whether the machine had nothing else to do; where not, the profile says that its figures are unsure.</param>
public sealed record Calibration(TargetProfile Profile, TargetProfile Start, ImmutableArray<CalibratedFigure> Figures, int Rounds,
    bool IsSteady);

/// <summary>A figure beside that of the profile that calibration started from.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Unit">Its unit; empty for a share.</param>
/// <param name="Was">What the profile says; null where it says nothing of it.</param>
/// <param name="Value">What was measured.</param>
/// <param name="Spread">How far repeated measurements are apart, as a share; null for what was not measured repeatedly.</param>
/// <param name="IsSteady">Whether that is no more than a machine that is not busy gives.</param>
public sealed record CalibratedFigure(string Name, string Unit, double? Was, double Value, double? Spread, bool IsSteady)
{
    /// <summary>By what factor it changed, less one; null where the profile says nothing.</summary>
    public double? Change => Was is { } was ? Value / was - 1 : null;
}
