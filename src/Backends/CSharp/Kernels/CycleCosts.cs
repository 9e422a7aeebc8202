using Nncc.Passes.Strategies;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// Cycles of what kernels do beside vector arithmetic, which neither wider vectors nor more units shorten. The figures are fitted to steps
/// of the zoo and of real models on Zen 4, as <c>bench cost</c> measures them.
/// </summary>
internal static class CycleCosts
{
    /// <summary>A call that is not inlined, with the start and the end of its loops.</summary>
    public const double Call = 12;

    /// <summary>Joining the lanes of a vector: as many shuffles and operations that wait for each other as halvings.</summary>
    public static double JoinLanes(int lanes) => 5 * Math.Log2(Math.Max(1, lanes));

    /// <summary>
    /// A copy of bytes that lie side by side: of a few without much of a call, else by 32 at a time, of which half lie in two lines of the
    /// cache.
    /// </summary>
    public static double Copy(double bytes) => Math.Min(Call, 2 + bytes / 4) + bytes / 12;

    /// <summary>Resolving an index that data say, with the check of its range.</summary>
    public const double Index = 10;

    /// <summary>
    /// Cycles of an element of the elementwise ops of a region by itself. Functions that are polynomials are long chains, each result of
    /// which waits for the one before; of short ones several elements are on their way at a time.
    /// </summary>
    public static double Single(KernelRegion region) => 1 + region.Body.Nodes.Where(n => ElementwiseCode.IsElementwise(n.Op))
        .Sum(node => (ElementwiseCode.IsLong(node.Op) ? 1.1 : 0.25) * ElementwiseCode.Instructions(region, node));
}
