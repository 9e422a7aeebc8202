using Nncc.Backends;
using Nncc.Backends.OnnxRuntime;
using Nncc.IR;
using Nncc.IR.Onnx;
using Nncc.IR.Onnx.Proto;
using Nncc.Passes;
using Nncc.Passes.Layouts;

namespace Nncc.Tests.Rules;

/// <summary>
/// What ONNX Runtime's level "extended" fuses in a model, and whether nncc does. A fusion is an op of com.microsoft, or any op, that does
/// the work of more nodes of the original: of those between its results and the nearest values that are left of the original. nncc finds
/// it where one of its nodes, in the graph that ONNX is written from or in the fused one that C# is made of, does the work of all of these
/// that it did not do away with; or where each of them but the last is part of a kernel with other nodes.
/// </summary>
internal static class FusionRecall
{
    /// <summary>A fusion of ONNX Runtime.</summary>
    /// <param name="Kind">The ops that were fused, and the op that does their work.</param>
    /// <param name="Result">Name of the result in the model.</param>
    /// <param name="Nodes">Names of the nodes.</param>
    /// <param name="Found">How nncc does their work: "recognized" as one node, "fused" into one kernel, "elsewhere" as part of other
    /// kernels; null where it is done apart.</param>
    public sealed record Fusion(string Kind, string Result, IReadOnlyList<string> Nodes, string? Found);

    /// <summary>The fusions that ONNX Runtime finds.</summary>
    /// <param name="original">The model as a file.</param>
    /// <param name="extended">What ONNX Runtime made of it at the level "extended".</param>
    /// <param name="compiler">Compiles the model, with its sizes bound as far as C# needs it.</param>
    public static List<Fusion> Of(string original, string extended, Compiler compiler)
    {
        var model = compiler.Read(original);
        var source = model.Graph;
        var canonical = compiler.Canonicalize(model);
        var works = Works(canonical.Graph);
        var fusion = compiler.CSharp.Lowering.Passes.TakeWhile(p => p is not LayoutAssignment);
        var fused = Works(compiler.Run(new Pipeline("fuse", [.. fusion]), canonical).Graph);
        var alive = works.SelectMany(w => w).ToHashSet(StringComparer.Ordinal);
        var byName = new Dictionary<string, Node>(StringComparer.Ordinal);
        foreach (var node in source.Nodes)
            foreach (int output in node.GivenOutputs) byName.TryAdd(source[output].Name, node);
        var fusions = new List<Fusion>();
        using var file = FileBytes.Open(extended);
        var graph = ProtoFile.ReadModel(file, extended).Message.Graph;
        var makers = new Dictionary<string, NodeProto>(StringComparer.Ordinal);
        foreach (var node in graph.Node)
        {
            for (int i = 0; i < node.Output.Count; i++) node.Output[i] = Plain(node.Output[i]);
            for (int i = 0; i < node.Input.Count; i++) node.Input[i] = Plain(node.Input[i]);
            foreach (string output in node.Output) makers.TryAdd(output, node);
        }
        var kept = graph.Initializer.Select(i => i.Name).Concat(graph.Input.Select(i => i.Name))
            .Concat(graph.Node.SelectMany(n => n.Output)).ToHashSet(StringComparer.Ordinal);
        foreach (var node in graph.Node)
        {
            var covered = Covered(source, byName, node.Output.Where(o => o.Length > 0), kept);
            string made = Made(node, makers, byName);
            if (covered.Count < 2 || (node.Domain != "com.microsoft" && made.Count(c => c == '+') + 1 >= covered.Count)) continue;
            var names = covered.Select(n => n.Origin.Nodes[0]).ToList();
            var left = covered.Where(n => !IsView(n.Op)).Select(n => n.Origin.Nodes[0]).Where(alive.Contains).ToList();
            string? found = works.Any(w => left.All(w.Contains)) ? "recognized" : fused.Any(w => left.All(w.Contains)) ? "fused"
                : left.SkipLast(1).All(n => fused.Any(w => w.Contains(n) && w.Any(other => !names.Contains(other)))) ? "elsewhere" : null;
            string ops = string.Join("+", covered.Select(n => n.Op.Name));
            fusions.Add(new Fusion($"{ops} -> {made}", node.Output[0], names, found));
        }
        return fusions;
    }

    // Where ONNX Runtime computes binary16 in binary32, it puts casts around nodes and calls the wide value so.
    private static string Plain(string name) => name.Replace("InsertedPrecisionFreeCast_", "");

    // What reads memory in another shape does no work.
    private static bool IsView(Op op) => op is IR.Ops.Reshape or IR.Ops.Squeeze or IR.Ops.Unsqueeze or IR.Ops.Flatten or IR.Ops.Identity;

    // The ops that ONNX Runtime made: the node's, and those of nodes before it whose results the model does not have. A cast that has the
    // same plain name on both sides follows itself.
    private static string Made(NodeProto node, Dictionary<string, NodeProto> makers, Dictionary<string, Node> byName)
    {
        string ops = node.OpType;
        var seen = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance) { node };
        while (node.Input.Where(i => !byName.ContainsKey(i)).Select(i => makers.GetValueOrDefault(i)).OfType<NodeProto>()
            .FirstOrDefault(seen.Add) is { } before)
            (ops, node) = ($"{before.OpType}+{ops}", before);
        return ops;
    }

    // The nodes between results and the values at which they end, in the order of the model.
    private static List<Node> Covered(Graph graph, Dictionary<string, Node> byName, IEnumerable<string> results, HashSet<string> stops)
    {
        var seen = new HashSet<int>();
        var todo = new Stack<string>(results);
        while (todo.TryPop(out string? name))
        {
            if (!byName.TryGetValue(name, out var node) || node.Op is IR.Ops.Constant || !seen.Add(node.Id)) continue;
            foreach (int input in node.GivenInputs)
                if (!stops.Contains(graph[input].Name)) todo.Push(graph[input].Name);
        }
        return [.. graph.Nodes.Where(n => seen.Contains(n.Id))];
    }

    // The nodes of the model whose work each node does, its constants included.
    private static List<HashSet<string>> Works(Graph graph)
    {
        var works = new List<HashSet<string>>();
        foreach (var node in graph.Nodes)
        {
            works.AddRange(node.Op is IR.Ops.Fusion ? [] : node.Op.Bodies.SelectMany(Works));
            if (node.Op is IR.Ops.Constant || IsView(node.Op)) continue;
            var work = node.Origin.Nodes.ToHashSet(StringComparer.Ordinal);
            foreach (int input in node.GivenInputs)
                if (graph.Producer(input) is { Op: IR.Ops.Constant } constant) work.UnionWith(constant.Origin.Nodes);
            works.Add(work);
        }
        return works;
    }
}
