using System.Collections.Immutable;
using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Passes.Transforms;

/// <summary>
/// Where channels of images are shuffled between joins and parts, what else reads a result reads one choice of the channels of the
/// values that the moves began with: gather(concat(a, b), channels). Convolutions take their channels in any order, so that the choice
/// goes through those values in turn and the order is in the weights.
/// </summary>
public sealed class ChannelMoves : IPass
{
    private const int Axis = 1;

    /// <inheritdoc/>
    public string Name => "channel-moves";

    /// <inheritdoc/>
    public string Summary => "Leaves no chain of ops that join, part and shuffle channels of images. Needs sizes that are numbers.";

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context)
    {
        var moves = new Dictionary<int, Moved>();
        foreach (var node in graph.Nodes)
            if (Read(graph, node) is { } results)
                foreach (var (result, channels) in results) moves[result] = Moved.Of(node, channels, moves);
        var edit = new GraphEdit(graph);
        bool isChanged = false;
        foreach (var (value, moved) in moves.ToArray())
        {
            if (!moved.IsShuffledChain || edit.IsOutput(value)) continue;
            var readers = edit.Users(value).Distinct().Order().Select(id => edit.Find(id)!)
                .Where(n => !n.Outputs.Any(moves.ContainsKey)).ToList();
            if (readers.Count > 0) isChanged |= context.Step(edit, Name, () => Choose(edit, value, moved.Channels, readers));
        }
        if (!isChanged) return graph;
        foreach (var node in graph.Nodes.Reverse())
            if (node.Outputs.Any(moves.ContainsKey) && edit.Find(node.Id) is { } left && !edit.IsUsed(left)) edit.Erase(left);
        return edit.Freeze();
    }

    private static void Choose(GraphEdit edit, int value, ImmutableArray<Channel> channels, List<Node> readers)
    {
        int[] order = [.. Enumerable.Range(0, channels.Length)];
        if (readers.All(n => TakesAnyOrder(edit, n, value)))
        {
            order = [.. order.OrderBy(i => channels[i].Value).ThenBy(i => channels[i].Index)];
            foreach (var reader in readers)
            {
                int weights = edit.AddConstant(Reordered(edit.Constant(reader.Inputs[1])!, order), $"{edit[reader.Inputs[1]].Name}_ordered",
                    Provenance.Merge([reader.Origin], "channel-moves"), reader);
                edit.Change(reader, reader.Op, [reader.Inputs[0], weights, .. reader.Inputs.AsSpan()[2..]]);
            }
        }
        var before = edit.Producer(value)!;
        var chosen = order.Select(i => channels[i]).ToArray();
        int[] sources = [.. chosen.Select(c => c.Value).Distinct()];
        var starts = new Dictionary<int, long>();
        long start = 0;
        foreach (int source in sources)
        {
            starts[source] = start;
            start += Size(edit[source].Type)!.Value;
        }
        string name = edit[value].Name;
        var origin = Provenance.Merge([before.Origin], "channel-moves");
        int joined = sources.Length == 1 ? sources[0]
            : edit.Insert(new Concat(Axis), sources, origin, [$"{name}_joined"], before).Outputs[0];
        int indices = edit.AddConstant(Tensor.Vector([.. chosen.Select(c => starts[c.Value] + c.Index)]), $"{name}_channels", origin,
            before);
        int result = edit.Insert(new Gather(Axis), [joined, indices], origin, [$"{name}_chosen"], before).Outputs[0];
        foreach (var reader in readers.Select(r => edit.Find(r.Id)!))
            edit.Change(reader, reader.Op, [.. reader.Inputs.Select(i => i == value ? result : i)]);
    }

    private static bool TakesAnyOrder(GraphEdit edit, Node node, int value) => node.Op is Conv { Group: 1 } && node.Inputs[0] == value
        && node.Inputs.Count(i => i == value) == 1 && edit.Constant(node.Inputs[1]) is { DType: DType.Float32 };

    // Filters [m, c, taps...] with their channels in that order.
    private static Tensor Reordered(Tensor filters, int[] order)
    {
        long[] dims = [.. filters.Dims];
        int taps = (int)dims.AsSpan(2).ToArray().Aggregate(1L, (a, b) => a * b), row = order.Length * taps;
        var from = filters.Span<float>();
        var to = new float[from.Length];
        for (int m = 0; m < dims[0]; m++)
            for (int c = 0; c < order.Length; c++)
                from.Slice(m * row + order[c] * taps, taps).CopyTo(to.AsSpan(m * row + c * taps));
        return Tensor.Of(dims, to);
    }

    // A node that only moves channels of images of binary32: for each result its channels; null for others.
    private static IEnumerable<(int Result, ImmutableArray<Channel> Channels)>? Read(Graph graph, Node node)
    {
        if (node.Op is not (Concat { Axis: Axis } or Split { Axis: Axis } or ChannelShuffle or Gather { Axis: Axis })) return null;
        bool isJoin = node.Op is Concat;
        if (node.GivenOutputs.Any(v => Size(graph.Type(v)) is null)
            || (isJoin ? node.GivenInputs : node.GivenInputs.Take(1)).Any(v => Size(graph.Type(v)) is null)) return null;
        int value = node.Inputs[0];
        long size = Size(graph.Type(value))!.Value;
        switch (node.Op)
        {
            case Concat:
                return [(node.Outputs[0], [.. node.GivenInputs.SelectMany(v => Range(v, 0, Size(graph.Type(v))!.Value))])];
            case Split:
                long at = 0;
                var parts = new List<(int, ImmutableArray<Channel>)>();
                foreach (int part in node.GivenOutputs)
                {
                    long many = Size(graph.Type(part))!.Value;
                    parts.Add((part, [.. Range(value, at, many)]));
                    at += many;
                }
                return at == size ? parts : null;
            case ChannelShuffle { Groups: var groups }:
                return [(node.Outputs[0], [.. Range(value, 0, size).Select((_, i) =>
                    new Channel(value, (int)(i % groups * (size / groups) + i / groups)))])];
            default:
                if (!graph.TryConstant(node.Inputs[1], out var indices) || indices.Dims.Length != 1) return null;
                long[] places = [.. indices.ToLongs().Select(i => i < 0 ? i + size : i)];
                if (places.Any(i => i < 0 || i >= size)) return null;
                return [(node.Outputs[0], [.. places.Select(i => new Channel(value, (int)i))])];
        }
    }

    private static IEnumerable<Channel> Range(int value, long start, long count) =>
        Enumerable.Range((int)start, (int)count).Select(i => new Channel(value, i));

    // Channels of an image of known sizes.
    private static long? Size(IrType? type) =>
        type is TensorType { DType: DType.Float32, Shape: { Rank: 3 or 4, IsStatic: true } shape } ? shape[Axis].Value : null;

    /// <summary>A channel of a value.</summary>
    private readonly record struct Channel(int Value, int Index);

    /// <summary>What a result of moves consists of, in channels of values that are no such results.</summary>
    private sealed record Moved(ImmutableArray<Channel> Channels, bool IsJoin, bool IsChain, bool IsShuffled)
    {
        public bool IsShuffledChain => IsChain && IsShuffled;

        public static Moved Of(Node node, ImmutableArray<Channel> channels, Dictionary<int, Moved> moves)
        {
            var before = channels.Select(c => c.Value).Distinct().Where(moves.ContainsKey).Select(v => moves[v]).ToArray();
            // A choice from a join of other values is what is wanted.
            bool isChain = before.Length > 0 && !(node.Op is Gather && before is [{ IsJoin: true, IsChain: false }]);
            return new Moved([.. channels.Select(c => moves.TryGetValue(c.Value, out var m) ? m.Channels[c.Index] : c)],
                node.Op is Concat, isChain, node.Op is ChannelShuffle or Gather || before.Any(m => m.IsShuffled));
        }
    }
}
