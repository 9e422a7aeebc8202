using System.Collections.Immutable;

namespace Nncc.Backends.Verification;

/// <summary>How an engine came out.</summary>
public enum VerificationStatus
{
    /// <summary>All outputs are within their bars.</summary>
    Agrees,
    /// <summary>An output is not.</summary>
    Differs,
    /// <summary>The engine does not take the model: the faults say why.</summary>
    Refused,
    /// <summary>The engine is not on this machine.</summary>
    Absent,
}

/// <summary>One engine on one set of data.</summary>
/// <param name="Engine">Name of the engine.</param>
/// <param name="Status">How it came out.</param>
/// <param name="Outputs">Each output; empty where nothing was run.</param>
/// <param name="Faults">Why nothing was run.</param>
/// <param name="Layers">Where it starts to differ; null where that was not asked for.</param>
public sealed record EngineResult(string Engine, VerificationStatus Status, ImmutableArray<OutputComparison> Outputs,
    ImmutableArray<Fault> Faults, LayerReport? Layers = null);

/// <summary>All engines on one set of data.</summary>
/// <param name="Data">Name of the set.</param>
/// <param name="Engines">The engines in a fixed order.</param>
public sealed record DataSetResult(string Data, ImmutableArray<EngineResult> Engines);

/// <summary>What verifying a model gave.</summary>
/// <param name="Sets">The sets of data, in order.</param>
public sealed record VerificationReport(ImmutableArray<DataSetResult> Sets)
{
    /// <summary>All results.</summary>
    public IEnumerable<EngineResult> Results => Sets.SelectMany(s => s.Engines);

    /// <summary>Whether an engine gave wrong answers.</summary>
    public bool HasDifference => Results.Any(r => r.Status == VerificationStatus.Differs);

    /// <summary>Why engines did not take the model, each reason once.</summary>
    public ImmutableArray<Fault> Refusals =>
        [.. Results.Where(r => r.Status == VerificationStatus.Refused).SelectMany(r => r.Faults).Distinct()];
}

/// <summary>A value inside a model that differs from the wide evaluation.</summary>
/// <param name="Node">The node, as faults name it.</param>
/// <param name="Value">Name of the value.</param>
/// <param name="Error">e = max|a-b| / max|b| of the value.</param>
/// <param name="Bar">The bar of its type.</param>
/// <param name="Difference">What differs beside the numbers; null for nothing.</param>
public sealed record LayerError(string Node, string Value, double Error, double Bar, string? Difference);

/// <summary>An engine's values inside a model beside those of the wide evaluation.</summary>
/// <param name="Compared">How many values the engine has under the same name.</param>
/// <param name="First">The first in the order of the graph that is beyond its bar; null for none.</param>
/// <param name="Worst">The one with the largest error in units of its bar; null where nothing was compared.</param>
public sealed record LayerReport(int Compared, LayerError? First, LayerError? Worst);
