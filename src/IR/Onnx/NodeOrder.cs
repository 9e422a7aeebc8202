using Google.Protobuf.Collections;
using Nncc.IR.Onnx.Proto;

namespace Nncc.IR.Onnx;

/// <summary>
/// The order in which the nodes of a graph are read. ONNX demands that they are sorted; those that are not are sorted here, as near
/// to their order in the file as can be.
/// </summary>
internal static class NodeOrder
{
    /// <summary>Indices of nodes, each after those whose results it uses.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="isKnown">Whether a name means something before any node: an input, an initializer.</param>
    /// <param name="free">What nested graphs capture.</param>
    /// <param name="circle">Indices of nodes that depend on each other in a circle, which are not in the result, nor is what depends on
    /// them.</param>
    public static List<int> Of(RepeatedField<NodeProto> nodes, Func<string, bool> isKnown, FreeNames free, out List<int> circle)
    {
        var producers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < nodes.Count; i++)
            foreach (string output in nodes[i].Output)
                if (output.Length > 0 && !isKnown(output)) producers.TryAdd(output, i);
        circle = [];
        bool sorted = true;
        for (int i = 0; i < nodes.Count && sorted; i++)
            foreach (string name in free.Uses(nodes[i]))
                if (producers.TryGetValue(name, out int from) && from >= i) sorted = false;
        return sorted ? [.. Enumerable.Range(0, nodes.Count)] : Sort(nodes, free, producers, circle);
    }

    private static List<int> Sort(RepeatedField<NodeProto> nodes, FreeNames free, Dictionary<string, int> producers, List<int> circle)
    {
        var missing = new int[nodes.Count];
        var followers = new List<int>?[nodes.Count];
        var ready = new PriorityQueue<int, int>();
        for (int i = 0; i < nodes.Count; i++)
        {
            foreach (string name in free.Uses(nodes[i]))
            {
                if (!producers.TryGetValue(name, out int from)) continue;
                missing[i]++;
                (followers[from] ??= []).Add(i);
            }
            if (missing[i] == 0) ready.Enqueue(i, i);
        }
        var order = new List<int>(nodes.Count);
        while (ready.TryDequeue(out int at, out _))
        {
            order.Add(at);
            foreach (int follower in followers[at] ?? [])
                if (--missing[follower] == 0) ready.Enqueue(follower, follower);
        }
        if (order.Count < nodes.Count) FindCircle();
        return order;

        // Every stuck node has a stuck producer: going back from one ends in a circle.
        void FindCircle()
        {
            var place = new Dictionary<int, int>();
            var path = new List<int>();
            int at = Array.FindIndex(missing, m => m > 0);
            while (place.TryAdd(at, path.Count))
            {
                path.Add(at);
                at = free.Uses(nodes[at]).Select(name => producers.GetValueOrDefault(name, -1))
                    .First(from => from >= 0 && missing[from] > 0);
            }
            path = [.. path[place[at]..].AsEnumerable().Reverse()];
            int first = path.IndexOf(path.Min());
            circle.AddRange(path[first..].Concat(path[..first]));
        }
    }
}
