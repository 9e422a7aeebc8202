using System.Collections.Immutable;
using Nncc.Backends.Benchmarks;
using Nncc.Passes.Targets;

namespace Nncc.Backends.Comparison;

/// <summary>A model for a target under a strategy.</summary>
/// <param name="Target">Name of the target, or of a runtime that ONNX is written for.</param>
/// <param name="Machine">The target's profile; null for a runtime.</param>
/// <param name="IsKnown">Whether predictions for it were ever compared with measurements.</param>
/// <param name="Strategy">The strategy; <see cref="OfRuntime"/> for a runtime, which fuses as it likes.</param>
/// <param name="Fault">Why there is no program; null where there is one, and only then the figures mean anything.</param>
/// <param name="PredictedMs">Predicted milliseconds of a run on one core.</param>
/// <param name="TrafficBytes">Bytes that kernels move, from whichever level of memory.</param>
/// <param name="MemoryBytes">Bytes of weights, working memory, inputs and outputs together.</param>
/// <param name="CodeChars">Characters of the emitted kernels and of the class that calls them.</param>
/// <param name="Kernels">Different kernels.</param>
/// <param name="Steps">Calls of kernels in a run.</param>
/// <param name="Regions">What each call computes, with its predicted time.</param>
/// <param name="Plan">Fingerprint of the program, by which a measurement made elsewhere is known.</param>
public sealed record StrategyPrediction(string Target, TargetProfile? Machine, bool IsKnown, string Strategy, string? Fault,
    double PredictedMs, double TrafficBytes,
    long MemoryBytes, long CodeChars, int Kernels, int Steps, ImmutableArray<PredictedRegion> Regions, string Plan)
{
    /// <summary>The strategy of a runtime.</summary>
    public const string OfRuntime = "its own";

    /// <summary>Times of this program on this machine, or on the one that a measurement was made on.</summary>
    public MeasuredTime? Measured { get; init; }

    /// <summary>What differs from the regions of the strategy <c>rules</c> on the same target.</summary>
    public ImmutableArray<RegionDifference> Differences { get; init; } = [];

    /// <summary>Relative error of the prediction; null where nothing was measured.</summary>
    public double? Error => Measured is { } measured ? PredictedMs / measured.Times.MedianMs - 1 : null;
}

/// <summary>A measured time.</summary>
/// <param name="Times">The times of runs.</param>
/// <param name="IsUnsure">Whether the machine was not quiet even when it was measured again.</param>
/// <param name="Machine">Where it was measured; empty for this machine.</param>
public sealed record MeasuredTime(RunTimes Times, bool IsUnsure, string Machine = "");

/// <summary>What became one node of a scheduled graph.</summary>
/// <param name="Nodes">The ONNX nodes that it computes, ordered.</param>
/// <param name="Kernel">How: template and schedule.</param>
/// <param name="Microseconds">Predicted time.</param>
/// <param name="MeasuredUs">Measured time; null where nothing was measured.</param>
public sealed record PredictedRegion(ImmutableArray<string> Nodes, string Kernel, double Microseconds, double? MeasuredUs = null);
