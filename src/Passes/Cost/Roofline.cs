using System.Collections.Immutable;
using Nncc.IR;
using Nncc.Passes.Counting;
using Nncc.Passes.Targets;

namespace Nncc.Passes.Cost;

/// <summary>A node under the roofline of a machine.</summary>
/// <param name="Node">The node's count.</param>
/// <param name="Bound">
/// What bounds it: <c>compute</c>, a level of cache (<c>L1</c> on), <c>memory</c>; <c>call</c> where the call is all.
/// </param>
/// <param name="ComputeNs">Nanoseconds of arithmetic at the machine's peak.</param>
/// <param name="MemoryNs">Nanoseconds of traffic at the bandwidth of the level that holds it.</param>
/// <param name="TotalNs">The larger of both, and the fixed cost of calls.</param>
public sealed record RooflineRow(NodeCount Node, string Bound, double ComputeNs, double MemoryNs, double TotalNs);

/// <summary>
/// The time that a machine needs at least, by the roofline: every node at the peak of arithmetic or of the bandwidth of the level that its
/// operands and results fit into, whichever takes longer; on one core. A lower bound and no measurement.
/// </summary>
/// <param name="Target">The machine.</param>
/// <param name="Rows">The nodes that cost anything, the longest first.</param>
public sealed record Roofline(TargetProfile Target, ImmutableArray<RooflineRow> Rows)
{
    /// <summary>Nanoseconds of all nodes, one after the other.</summary>
    public double TotalNs => Rows.Sum(row => row.TotalNs);

    /// <summary>The roofline of a count, all sizes of which are numbers.</summary>
    public static Roofline Of(ModelCount count, TargetProfile target) => new(target,
        [.. count.Counted.Where(row => !StaticPlan.IsView(row.Node.Op)).Select(row => Row(row, target)).OrderByDescending(r => r.TotalNs)]);

    private static RooflineRow Row(NodeCount node, TargetProfile target)
    {
        double times = Math.Max(1, Number(node.Times));
        double bytesIn = Number(node.BytesIn) / times, bytesOut = Number(node.BytesOut) / times;
        // A multiply-add without fused instructions is two; sums of integers are of 32 bits.
        double products = (target.HasFma ? 1 : 2) * Number(node.Macs + node.IntegerMacs) + Number(node.Arithmetic);
        var features = new KernelFeatures(products / times / target.Lanes(ElementBytes(node)), 1, bytesIn, bytesOut, 0, 0);
        var cost = new RooflineCostModel().Predict(features, target);
        string bound = cost.FixedNs > Math.Max(cost.ComputeNs, cost.MemoryNs) ? "call"
            : cost.ComputeNs >= cost.MemoryNs ? "compute" : target.LevelFor(bytesIn + bytesOut);
        return new(node, bound, cost.ComputeNs * times, cost.MemoryNs * times, cost.TotalNs * times);
    }

    private static int ElementBytes(NodeCount node) => node.Types.Outputs.OfType<TensorType>().FirstOrDefault() is { DType: var dtype }
        && dtype.IsFloat() ? Math.Max(1, dtype.Bits() / 8) : sizeof(int);

    private static double Number(Dim figure) => figure.Value ?? throw new InvalidOperationException($"{figure} is no number");
}
