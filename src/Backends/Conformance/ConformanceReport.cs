using System.Collections.Immutable;

namespace Nncc.Backends.Conformance;

/// <summary>What computes the cases.</summary>
public enum ConformanceBackend
{
    /// <summary>The evaluator, on the model as read.</summary>
    Evaluator,
    /// <summary>Emitted C# on the target of the options.</summary>
    CSharp,
    /// <summary>The canonical model written as ONNX, read again and evaluated.</summary>
    Onnx,
    /// <summary>ONNX Runtime, on the file.</summary>
    OnnxRuntime,
}

/// <summary>How a case ended.</summary>
public enum ConformanceStatus
{
    /// <summary>All outputs agree.</summary>
    Passed,
    /// <summary>An output differs.</summary>
    Differs,
    /// <summary>The engine said, with a number, that it does not do this.</summary>
    Refused,
    /// <summary>The engine failed otherwise, or took too long.</summary>
    Failed,
}

/// <summary>A case that was run.</summary>
/// <param name="Case">The case.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Reason">Why it did not pass; null for a case that did.</param>
public sealed record ConformanceResult(ConformanceCase Case, ConformanceStatus Status, string? Reason = null);

/// <summary>All cases of a run, by name.</summary>
/// <param name="Backend">What computed them.</param>
/// <param name="Results">The cases in order.</param>
public sealed record ConformanceReport(ConformanceBackend Backend, ImmutableArray<ConformanceResult> Results)
{
    /// <summary>Cases that passed.</summary>
    public int Passed => Results.Count(r => r.Status == ConformanceStatus.Passed);

    /// <summary>Cases that were run.</summary>
    public int Total => Results.Length;

    /// <summary>The cases by suite.</summary>
    public IEnumerable<IGrouping<string, ConformanceResult>> Suites => Results.GroupBy(r => r.Case.Suite);
}
