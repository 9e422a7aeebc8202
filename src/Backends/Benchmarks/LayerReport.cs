using System.Collections.Immutable;

namespace Nncc.Backends.Benchmarks;

/// <summary>The layers of a model as measured, one after the other.</summary>
/// <param name="PeakGFlops">Multiply-adds of the machine from registers alone, in GFLOP/s, all threads together.</param>
/// <param name="Bandwidths">Reading from each cache and from memory, the nearest first, in GB/s, all threads together.</param>
/// <param name="BoundMs">Milliseconds of the bounds of all layers.</param>
/// <param name="Share">That over the median time of the model.</param>
/// <param name="Layers">The layers in the order in which they run.</param>
public sealed record LayerReport(double PeakGFlops, ImmutableArray<double> Bandwidths, double BoundMs, double Share,
    ImmutableArray<LayerTime> Layers);

/// <summary>A layer: what became one node of the scheduled graph.</summary>
/// <param name="Nodes">The ONNX nodes that it computes; empty for copies.</param>
/// <param name="Ops">The ops in it.</param>
/// <param name="Kernels">The kernels that compute it.</param>
/// <param name="Microseconds">Median time.</param>
/// <param name="Share">Of the time of all layers.</param>
/// <param name="GFlops">Operations by definition of the ops, in 1e9 a second; two for a multiply-add.</param>
/// <param name="BoundMicroseconds">The time that it takes at least.</param>
/// <param name="Bound">What bounds it: <c>compute</c>, <c>L1</c> on, or <c>memory</c>.</param>
public sealed record LayerTime(ImmutableArray<string> Nodes, string Ops, ImmutableArray<string> Kernels, double Microseconds, double Share,
    double GFlops, double BoundMicroseconds, string Bound)
{
    /// <summary>The bound over the time.</summary>
    public double ShareOfBound => Microseconds > 0 ? BoundMicroseconds / Microseconds : 1;
}
