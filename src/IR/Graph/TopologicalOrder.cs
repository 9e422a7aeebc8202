using System.Collections.Immutable;

namespace Nncc.IR;

/// <summary>
/// Kahn's algorithm with a fixed preference, so that unchanged nodes keep their order and new ones stand where they were put.
/// </summary>
internal static class TopologicalOrder
{
    /// <summary>
    /// The nodes, each after the producers of its operands; among those that are ready the one with the least wish goes first.
    /// </summary>
    public static ImmutableArray<Node> Sort(
        IReadOnlyList<Node?> nodes, IReadOnlyList<(long At, int Sequence)> wishes, Func<int, int> producer)
    {
        if (Preferred(nodes, wishes, producer) is { IsDefault: false } preferred) return preferred;
        var missing = new int[nodes.Count];
        var followers = new List<int>?[nodes.Count];
        var ready = new PriorityQueue<int, (long, int, int)>();
        int count = 0;
        foreach (var node in nodes)
        {
            if (node is null) continue;
            count++;
            foreach (int input in node.GivenInputs)
            {
                int from = producer(input);
                if (from < 0) continue;
                missing[node.Id]++;
                (followers[from] ??= []).Add(node.Id);
            }
            if (missing[node.Id] == 0) ready.Enqueue(node.Id, Wish(node.Id));
        }
        var sorted = ImmutableArray.CreateBuilder<Node>(count);
        while (ready.TryDequeue(out int id, out _))
        {
            sorted.Add(nodes[id]!);
            foreach (int follower in followers[id] ?? [])
                if (--missing[follower] == 0) ready.Enqueue(follower, Wish(follower));
        }
        if (sorted.Count == count) return sorted.MoveToImmutable();
        var stuck = nodes.First(n => n is not null && missing[n.Id] > 0)!;
        throw new NnccException(FaultCodes.Cycle, "nodes depend on each other in a circle", stuck.Place);

        (long, int, int) Wish(int id) => (wishes[id].At, wishes[id].Sequence, id);
    }

    // The order of the wishes where producers come first in it, as they nearly always do: then the search would give the same.
    private static ImmutableArray<Node> Preferred(
        IReadOnlyList<Node?> nodes, IReadOnlyList<(long At, int Sequence)> wishes, Func<int, int> producer)
    {
        var keys = new List<(long, int, int Id)>(nodes.Count);
        foreach (var node in nodes)
            if (node is not null) keys.Add((wishes[node.Id].At, wishes[node.Id].Sequence, node.Id));
        keys.Sort();
        var isDone = new bool[nodes.Count];
        var sorted = ImmutableArray.CreateBuilder<Node>(keys.Count);
        foreach (var (_, _, id) in keys)
        {
            var node = nodes[id]!;
            foreach (int input in node.GivenInputs)
                if (producer(input) is >= 0 and var from && !isDone[from]) return default;
            isDone[id] = true;
            sorted.Add(node);
        }
        return sorted.MoveToImmutable();
    }
}
