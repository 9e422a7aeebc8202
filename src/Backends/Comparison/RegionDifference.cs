using System.Collections.Immutable;
using System.Globalization;

namespace Nncc.Backends.Comparison;

/// <summary>ONNX nodes that two programs compute otherwise.</summary>
/// <param name="Nodes">The nodes, ordered.</param>
/// <param name="Kernels">What computes them here.</param>
/// <param name="Others">What computes them in the other program.</param>
/// <param name="Us">Predicted microseconds here.</param>
/// <param name="OtherUs">Predicted microseconds in the other program.</param>
public sealed record RegionDifference(ImmutableArray<string> Nodes, ImmutableArray<string> Kernels, ImmutableArray<string> Others,
    double Us,
    double OtherUs)
{
    /// <summary>Measured microseconds here; null where nothing was measured.</summary>
    public double? MeasuredUs { get; init; }

    /// <summary>Measured microseconds in the other program; null where nothing was measured.</summary>
    public double? OtherMeasuredUs { get; init; }

    /// <summary>The difference in words and numbers.</summary>
    public string Reason
    {
        get
        {
            string form = Kernels.Length == Others.Length ? $"{Count(Kernels)} otherwise" : $"{Count(Kernels)} instead of {Others.Length}";
            string time = Math.Abs(Us - OtherUs) < 0.05 ? "as long" : string.Create(CultureInfo.InvariantCulture,
                $"{Math.Abs(Us - OtherUs):0.0} us {(Us < OtherUs ? "less" : "more")} ({Us:0.0} for {OtherUs:0.0})");
            return $"{form}, {time}" + (MeasuredUs is { } own && OtherMeasuredUs is { } other
                ? string.Create(CultureInfo.InvariantCulture, $", measured {own:0.0} for {other:0.0}") : "");
        }
    }

    private static string Count(ImmutableArray<string> kernels) => kernels.Length == 1 ? "1 kernel" : $"{kernels.Length} kernels";

    /// <summary>
    /// The differences between two lists of regions: the smallest sets of nodes that both compute without help of others, where they do not
    /// do it with the same kernels.
    /// </summary>
    public static ImmutableArray<RegionDifference> Between(ImmutableArray<PredictedRegion> regions, ImmutableArray<PredictedRegion> others)
    {
        var parent = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var region in regions.Concat(others))
            foreach (string node in region.Nodes) parent[Find(node)] = Find(region.Nodes[0]);
        var result = ImmutableArray.CreateBuilder<RegionDifference>();
        var here = regions.Where(r => !r.Nodes.IsEmpty).GroupBy(r => Find(r.Nodes[0])).ToDictionary(g => g.Key, g => g.ToArray());
        var there = others.Where(r => !r.Nodes.IsEmpty).GroupBy(r => Find(r.Nodes[0])).ToDictionary(g => g.Key, g => g.ToArray());
        foreach (string key in here.Keys.Union(there.Keys))
        {
            var (own, other) = (here.GetValueOrDefault(key, []), there.GetValueOrDefault(key, []));
            string[] kernels = [.. own.Select(r => r.Kernel)], alternatives = [.. other.Select(r => r.Kernel)];
            if (kernels.Order(StringComparer.Ordinal).SequenceEqual(alternatives.Order(StringComparer.Ordinal))) continue;
            result.Add(new([.. own.Concat(other).SelectMany(r => r.Nodes).Distinct().Order(StringComparer.Ordinal)], [.. kernels],
                [.. alternatives], own.Sum(r => r.Microseconds), other.Sum(r => r.Microseconds))
            {
                MeasuredUs = own.All(r => r.MeasuredUs is not null) ? own.Sum(r => r.MeasuredUs) : null,
                OtherMeasuredUs = other.All(r => r.MeasuredUs is not null) ? other.Sum(r => r.MeasuredUs) : null,
            });
        }
        return result.ToImmutable();

        string Find(string node)
        {
            while (parent.TryGetValue(node, out string? next) && next != node) node = next;
            parent.TryAdd(node, node);
            return node;
        }
    }
}
