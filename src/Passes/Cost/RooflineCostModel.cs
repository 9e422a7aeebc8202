using Nncc.Passes.Targets;

namespace Nncc.Passes.Cost;

/// <summary>
/// The roofline (Williams, Waterman, Patterson 2009): time is the larger of arithmetic at the reachable peak and traffic at the bandwidth
/// of the level that holds the working set, and a fixed cost for the call.
/// </summary>
public sealed class RooflineCostModel : ICostModel
{
    /// <inheritdoc/>
    public KernelCost Predict(KernelFeatures features, TargetProfile target, double modelBytes = 0)
    {
        double compute = features.ComputeNs(target);
        double bytes = features.BytesIn + features.BytesOut + features.BytesWeights + features.BytesScratch;
        double memory = bytes / target.BandwidthFor(bytes);
        return new KernelCost(compute, memory, target.CallNs, Math.Max(compute, memory) + target.CallNs);
    }
}
