using System.Collections.Immutable;
using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Passes.Programs;

namespace Nncc.Passes.Counting;

/// <summary>
/// The working memory of a graph where every node is a call of its own: inputs, inner values and outputs placed by
/// <see cref="MemoryPlanner"/>, each live from its producer to its last user (an output to the end). Ops that only rename elements take no
/// memory. A body adds its own plan to the step of its node.
/// </summary>
public static class StaticPlan
{
    /// <summary>Bytes of the plan; null where a size is open or a type unknown.</summary>
    public static long? Bytes(Graph graph)
    {
        var root = new int[graph.NextValue];
        var last = new int[graph.NextValue];
        for (int id = 0; id < root.Length; id++) root[id] = id;
        for (int step = 0; step < graph.Nodes.Length; step++)
        {
            var node = graph.Nodes[step];
            if (IsView(node.Op) && node.Inputs[0] != Node.Absent && node.Outputs[0] != Node.Absent)
                root[node.Outputs[0]] = root[node.Inputs[0]];
            foreach (int input in node.GivenInputs) last[root[input]] = step;
        }
        foreach (var output in graph.Outputs) last[root[output.Value]] = graph.Nodes.Length;
        var buffers = ImmutableArray.CreateBuilder<ProgramBuffer>();
        foreach (var input in graph.Inputs)
            if (!Add(graph[input.Value], 0)) return null;
        for (int step = 0; step < graph.Nodes.Length; step++)
        {
            var node = graph.Nodes[step];
            if (node.Op is Constant) continue;
            foreach (int output in node.GivenOutputs)
                if (root[output] == output && !Add(graph[output], step)) return null;
            long inner = 0; // of several bodies one runs
            foreach (var body in node.Op is Opaque or Fusion ? [] : node.Op.Bodies)
            {
                if (Bytes(body) is not { } bytes) return null;
                inner = Math.Max(inner, bytes);
            }
            if (inner > 0) Place(inner, step, step);
        }
        return MemoryPlanner.Place(buffers.ToImmutable()).Bytes;

        bool Add(Value value, int first)
        {
            if (value.Type is SequenceType or OptionalType or MapType) return true;
            if (value.Type is not TensorType { Shape: not null } || MeasureContext.Bytes(value.Type).Value is not { } bytes) return false;
            Place(bytes, first, Math.Max(first, last[value.Id]));
            return true;
        }

        void Place(long bytes, int first, int until) => buffers.Add(
            new ProgramBuffer(buffers.Count, "", BufferKind.Arena, DType.Unknown, bytes, null, first, until, 0));
    }

    /// <summary>Whether the first result is the first operand under another shape or name, so that nothing has to be moved.</summary>
    public static bool IsView(Op op) => op is Reshape or Flatten or Squeeze or Unsqueeze or Identity or Dropout;
}
