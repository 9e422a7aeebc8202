using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Nncc.Passes.Cost;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Passes.Schedules;

/// <summary>
/// The schedule of regions that is taken, remembered as long as the catalog lives: a search comes to the same regions many times, and
/// predicting all schedules of one takes longer than anything else that it does.
/// </summary>
public static class SchedulePredictions
{
    // Of predictions that differ by less none is better.
    private const double Exactness = 0.02;

    private static readonly ConditionalWeakTable<IKernelCatalog, ConcurrentDictionary<Key, (Schedule, KernelCost)>> Known = [];

    /// <summary>
    /// The schedule of a region that is taken: the first, in the order of the templates' own knowledge, of those that are predicted to
    /// differ from the cheapest by less than predictions are exact.
    /// </summary>
    /// <param name="catalog">Knows the legal schedules.</param>
    /// <param name="target">The machine.</param>
    /// <param name="cost">Compares them; models of one type predict alike.</param>
    /// <param name="region">The region, which the catalog accepts.</param>
    /// <param name="modelBytes">As <see cref="ICostModel.Predict"/> takes them.</param>
    public static (Schedule Schedule, KernelCost Cost) Best(IKernelCatalog catalog, TargetProfile target, ICostModel cost,
        KernelRegion region, double modelBytes) => Known.GetValue(catalog, _ => new()).GetOrAdd(
            new Key([target.Name, cost.GetType(), modelBytes, .. Parts(region)]), _ => Cheapest(All(catalog, target, cost, region,
                modelBytes)));

    /// <summary>All legal schedules of a region with what is predicted of them, in the catalog's order.</summary>
    public static IReadOnlyList<(Schedule Schedule, KernelCost Cost)> All(IKernelCatalog catalog, TargetProfile target, ICostModel cost,
        KernelRegion region, double modelBytes) => [.. catalog.Space(region, target)
            .Select(s => (s, cost.Predict(catalog.Features(region, s, target), target, modelBytes)))];

    /// <summary>The one that is taken of some.</summary>
    public static (Schedule Schedule, KernelCost Cost) Cheapest(IReadOnlyList<(Schedule Schedule, KernelCost Cost)> predicted)
    {
        double least = predicted.Min(p => p.Cost.TotalNs);
        return predicted.First(p => p.Cost.TotalNs <= least * (1 + Exactness));
    }

    // All that a kernel sees of a region. Names are not among it.
    private static IEnumerable<object?> Parts(KernelRegion region)
    {
        yield return region.Layouts;
        foreach (var input in region.Body.Inputs) yield return region.Body.Type(input.Value);
        foreach (var constant in region.Constants) yield return constant;
        foreach (var node in region.Body.Nodes)
        {
            yield return node.Op;
            foreach (int input in node.Inputs) yield return input;
            foreach (int output in node.Outputs) yield return output == Node.Absent ? null : region.Body.Type(output);
        }
        foreach (var output in region.Body.Outputs) yield return output.Value;
    }

    private sealed class Key(object?[] parts) : IEquatable<Key>
    {
        private readonly object?[] parts = parts;
        private readonly int hash = parts.Aggregate(0, (hash, part) => HashCode.Combine(hash,
            part is Tensor ? RuntimeHelpers.GetHashCode(part) : part?.GetHashCode() ?? 0));

        // A constant is the same only where it is one object: comparing contents takes longer than it saves.
        public bool Equals(Key? other) => other is not null && hash == other.hash && parts.Length == other.parts.Length
            && parts.Zip(other.parts).All(p => p.First is Tensor ? ReferenceEquals(p.First, p.Second) : Equals(p.First, p.Second));

        public override bool Equals(object? obj) => Equals(obj as Key);

        public override int GetHashCode() => hash;
    }
}
