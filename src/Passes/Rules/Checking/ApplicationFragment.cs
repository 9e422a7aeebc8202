using System.Collections.Immutable;
using Nncc.Passes.Rules.Testing;

namespace Nncc.Passes.Rules.Checking;

/// <summary>
/// The nodes that a pattern took, as a graph of their own that can be made at other extents: each number among the sizes, and among short
/// integer constants, stands for another. Constants keep their first elements; sizes with names become small numbers.
/// </summary>
/// <param name="edit">The graph around it.</param>
/// <param name="match">The match.</param>
internal sealed class ApplicationFragment(GraphEdit edit, RuleMatch match)
{
    // Integer constants up to this length say axes and sizes; longer ones are data.
    private const int ShortList = 16;

    private static readonly long[] SymbolSizes = [3, 2, 5, 4, 7, 6];

    private readonly ImmutableArray<Node> nodes = OperandsFirst(match.Nodes);
    private Dictionary<string, Dim>? symbols;

    /// <summary>The numbers that may be made smaller, the greatest first; null where the fragment cannot be evaluated.</summary>
    public ImmutableArray<long>? Numbers()
    {
        var numbers = new SortedSet<long>(Comparer<long>.Create((a, b) => b.CompareTo(a)));
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (int value in Outside())
            if (edit[value].Type is TensorType { Shape: { } shape, DType: not (DType.Unknown or DType.String) })
                foreach (var size in shape) names.UnionWith(size.Symbols);
            else return null;
        if (nodes.Any(n => !n.Op.Bodies.IsEmpty)) return null;
        symbols = names.Select((name, i) => (name, i)).ToDictionary(p => p.name,
            p => Dim.Of(SymbolSizes[p.i % SymbolSizes.Length] + (p.i / SymbolSizes.Length)), StringComparer.Ordinal);
        foreach (int value in Outside())
        {
            if (Sizes(value) is not { } sizes) return null;
            numbers.UnionWith(sizes);
            if (Parameter(value) is { } items) numbers.UnionWith(items);
        }
        return [.. numbers];
    }

    /// <summary>The fragment at other extents; null where an op does not take them.</summary>
    /// <param name="numbers">What stands for which number; those that are not in it stay.</param>
    public RuleInstance? Make(IReadOnlyDictionary<long, long> numbers)
    {
        var made = new GraphEdit(match.Rule.Name);
        var values = new Dictionary<int, int> { [Node.Absent] = Node.Absent };
        try
        {
            foreach (int value in Outside())
                values[value] = AddOutside(made, value, [.. Sizes(value)!.Select(s => numbers.GetValueOrDefault(s, s))], numbers);
            Node? root = null;
            foreach (var node in nodes)
            {
                ImmutableArray<string> names = [.. node.Outputs.Select(o => o == Node.Absent ? "" : edit[o].Name)];
                root = made.Insert(node.Op, [.. node.Inputs.Select(i => values[i])], node.Origin, names);
                for (int i = 0; i < names.Length; i++) if (node.Outputs[i] != Node.Absent) values[node.Outputs[i]] = root.Outputs[i];
            }
            foreach (int output in match.Nodes[0].GivenOutputs.Where(edit.IsUsed))
                made.AddOutput(edit[output].Name, values[output]);
            var graph = made.Freeze();
            return new RuleInstance(graph, root!.Id, []);
        }
        catch (NnccException)
        {
            return null;
        }
    }

    private int AddOutside(GraphEdit made, int value, long[] sizes, IReadOnlyDictionary<long, long> numbers)
    {
        string name = edit[value].Name;
        var dtype = ((TensorType)edit[value].Type).DType;
        if (Parameter(value) is { } items)
            return made.AddConstant(Tensor.FromLongs(dtype, edit[value].Type is TensorType { Shape.Rank: 0 } ? [] : [items.Length],
                [.. items.Select(i => numbers.GetValueOrDefault(i, i))]), name);
        if (edit.Constant(value) is { } constant) return made.AddConstant(FirstElements(constant, sizes), name);
        return made.AddInput(name, new TensorType(dtype, Shape.Of(sizes)));
    }

    // Values that come from elsewhere, in the order of their first use.
    private IEnumerable<int> Outside()
    {
        var inside = nodes.SelectMany(n => n.GivenOutputs).ToHashSet();
        return nodes.SelectMany(n => n.GivenInputs).Where(i => !inside.Contains(i)).Distinct();
    }

    private long[]? Sizes(int value) => ((TensorType)edit[value].Type).Shape!.Substitute(symbols!).ToStatic();

    // Integers that are known, as axes and sizes are.
    private long[]? Parameter(int value)
    {
        if (edit[value].Type is not TensorType { DType: DType.Int64 or DType.Int32, Shape.Rank: <= 1 }) return null;
        if (edit.Constant(value) is { } constant) return constant.Count <= ShortList ? constant.ToLongs() : null;
        if (edit[value].Known is not { } known) return null;
        var items = known.Select(k => k.Substitute(symbols!).Value).ToArray();
        return items.All(i => i is not null) ? [.. items.Select(i => i!.Value)] : null;
    }

    private static Tensor FirstElements(Tensor tensor, long[] sizes)
    {
        if (tensor.Dims.AsSpan().SequenceEqual(sizes)) return tensor;
        // What is not in the part is left out; a size may only shrink.
        double[] items = tensor.ToDoubles();
        long count = sizes.Aggregate(1L, (a, b) => a * b);
        double[] part = new double[count];
        for (long i = 0; i < count; i++)
        {
            long rest = i, from = 0, stride = 1;
            for (int axis = sizes.Length - 1; axis >= 0; axis--)
            {
                from += rest % sizes[axis] % tensor.Dims[axis] * stride;
                rest /= sizes[axis];
                stride *= tensor.Dims[axis];
            }
            part[i] = items[from];
        }
        return Tensor.FromDoubles(tensor.DType, sizes, part);
    }

    private static ImmutableArray<Node> OperandsFirst(IEnumerable<Node> matched)
    {
        var left = matched.DistinctBy(n => n.Id).ToList();
        var sorted = ImmutableArray.CreateBuilder<Node>(left.Count);
        while (left.Count > 0)
        {
            var next = left.First(n => n.GivenInputs.All(i => !left.Any(other => other.Outputs.Contains(i))));
            sorted.Add(next);
            left.Remove(next);
        }
        return sorted.ToImmutable();
    }
}
