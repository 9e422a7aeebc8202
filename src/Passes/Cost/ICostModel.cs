using Nncc.Passes.Targets;

namespace Nncc.Passes.Cost;

/// <summary>Predicts what a kernel costs on a machine that need not be at hand.</summary>
public interface ICostModel
{
    /// <summary>The predicted cost of one call.</summary>
    /// <param name="features">What the kernel does.</param>
    /// <param name="target">The machine.</param>
    /// <param name="modelBytes">
    /// Bytes that a run of the whole model goes through, which say where weights lie when a kernel comes to them; 0 where only this kernel
    /// runs.
    /// </param>
    KernelCost Predict(KernelFeatures features, TargetProfile target, double modelBytes = 0);
}

/// <summary>What a cost model needs to know of a kernel under a schedule; counted as executed, padding included.</summary>
/// <param name="VectorOps">Vector multiply-adds and other vector instructions that do arithmetic; scalar ones in scalar code.</param>
/// <param name="Efficiency">Share of the machine's peak that the inner loop can reach, in (0, 1].</param>
/// <param name="BytesIn">Bytes of activations read.</param>
/// <param name="BytesOut">Bytes of results written.</param>
/// <param name="BytesWeights">Bytes of weights read.</param>
/// <param name="BytesScratch">Bytes written to and read from scratch memory.</param>
public sealed record KernelFeatures(double VectorOps, double Efficiency, double BytesIn, double BytesOut, double BytesWeights,
    double BytesScratch)
{
    /// <summary>
    /// Cycles that no wider vector and no second unit shortens: calls, chains of results that wait for each other, arithmetic of indices,
    /// single elements behind the last whole vector.
    /// </summary>
    public double Cycles { get; init; }

    /// <summary>Bytes of operands and weights that are read once more after the first time.</summary>
    public double BytesAgain { get; init; }

    /// <summary>Bytes of the range that is gone through from one reading to the next: they say from which level of memory it is.</summary>
    public double SpanAgain { get; init; }

    /// <summary>Bytes of code that a call goes through at least once.</summary>
    public double CodeBytes { get; init; }

    /// <summary>
    /// Whether each part of the weights is read once and then used for many sums, so that arithmetic waits for them; else they are read as
    /// they are used.
    /// </summary>
    public bool AreWeightsFirst { get; init; }

    /// <summary>Nanoseconds of all but traffic on a machine.</summary>
    public double ComputeNs(TargetProfile target) => (VectorOps / (target.FmasPerCycle * Efficiency) + Cycles) / target.ClockGHz;
}

/// <summary>A predicted cost, in nanoseconds.</summary>
/// <param name="ComputeNs">Arithmetic alone.</param>
/// <param name="MemoryNs">Traffic alone.</param>
/// <param name="FixedNs">Cost that does not depend on sizes.</param>
/// <param name="TotalNs">All together, as far as arithmetic and traffic overlap.</param>
public sealed record KernelCost(double ComputeNs, double MemoryNs, double FixedNs, double TotalNs)
{
    /// <summary>What the traffic is made of.</summary>
    public EquatableArray<CostTerm> Traffic { get; init; }

    /// <summary>Bytes that are moved between the kernel and memory or caches.</summary>
    public double Bytes => Traffic.Sum(term => term.Bytes);
}

/// <summary>A part of a kernel's traffic.</summary>
/// <param name="What">What is moved.</param>
/// <param name="Bytes">How much.</param>
/// <param name="Level">From where: <c>L1</c> on, or <c>memory</c>.</param>
/// <param name="Ns">How long that takes.</param>
public sealed record CostTerm(string What, double Bytes, string Level, double Ns);
