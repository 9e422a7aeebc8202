using Nncc.Passes.Targets;

namespace Nncc.Passes.Cost;

/// <summary>Predicts what a kernel costs on a machine that need not be at hand.</summary>
public interface ICostModel
{
    /// <summary>The predicted cost of one call.</summary>
    KernelCost Predict(KernelFeatures features, TargetProfile target);
}

/// <summary>What a cost model needs to know of a kernel under a schedule; counted as executed, padding included.</summary>
/// <param name="VectorOps">Vector multiply-adds and other vector instructions that do arithmetic; scalar ones in scalar code.</param>
/// <param name="Efficiency">Share of the machine's peak that the inner loop can reach, in (0, 1].</param>
/// <param name="BytesIn">Bytes of activations read.</param>
/// <param name="BytesOut">Bytes of results written.</param>
/// <param name="BytesWeights">Bytes of weights read.</param>
/// <param name="BytesScratch">Bytes written to and read from scratch memory.</param>
public sealed record KernelFeatures(double VectorOps, double Efficiency, double BytesIn, double BytesOut, double BytesWeights,
    double BytesScratch);

/// <summary>A predicted cost, in nanoseconds.</summary>
/// <param name="ComputeNs">Arithmetic alone.</param>
/// <param name="MemoryNs">Traffic alone.</param>
/// <param name="FixedNs">Cost that does not depend on sizes.</param>
public sealed record KernelCost(double ComputeNs, double MemoryNs, double FixedNs)
{
    /// <summary>Arithmetic and traffic overlap; what is fixed does not.</summary>
    public double TotalNs => Math.Max(ComputeNs, MemoryNs) + FixedNs;
}
