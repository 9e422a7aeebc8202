using Nncc.IR.Ops;

namespace Nncc.Backends.Models;

/// <summary>
/// A graph for other shapes of its inputs than it was made for. Not a specialization, which only makes types more exact: here sizes that
/// were numbers become other numbers, and every type is inferred from the inputs alone. No weight changes, so not every shape is legal.
/// </summary>
public static class InputShapes
{
    /// <summary>The graph with these shapes of inputs; the same object where nothing differs.</summary>
    /// <param name="graph">The graph as read.</param>
    /// <param name="shapes">Shapes by name of the input.</param>
    /// <exception cref="NnccException">There is no such input, or a node does not take the shape: the fault names it.</exception>
    public static Graph Apply(Graph graph, IReadOnlyDictionary<string, Shape> shapes)
    {
        var names = graph.Inputs.Select(i => graph[i.Value].Name).ToList();
        var unknown = shapes.Keys.Where(name => !names.Contains(name)).ToList();
        if (unknown.Count > 0)
            throw new NnccException([.. unknown.Select(name => new Fault(FaultCodes.Binding, $"the model has no input \"{name}\"",
                Advice: Suggestion.For(name, names, "its inputs are")))]);
        if (graph.Inputs.All(i => !shapes.TryGetValue(graph[i.Value].Name, out var shape) || shape.Equals(ShapeOf(graph, i.Value))))
            return graph;
        var edit = new GraphEdit(graph.Name) { Stage = graph.Stage };
        var map = new Dictionary<int, int> { [Node.Absent] = Node.Absent };
        foreach (var input in graph.Inputs)
        {
            var value = graph[input.Value];
            var type = shapes.TryGetValue(value.Name, out var shape) && value.Type is TensorType tensor ? tensor with { Shape = shape }
                : value.Type;
            map[value.Id] = edit.AddInput(value.Name, type, input.Default);
        }
        foreach (var node in graph.Nodes) Copy(graph, node, edit, map);
        foreach (var output in graph.Outputs) edit.AddOutput(output.Name, map[output.Value]);
        return edit.Freeze();
    }

    private static void Copy(Graph graph, Node node, GraphEdit edit, Dictionary<int, int> map)
    {
        const string advice = "the model cannot have inputs of this shape without other weights";
        try
        {
            var copy = edit.Insert(node.Op, [.. node.Inputs.Select(i => map[i])], node.Origin,
                [.. node.Outputs.Select(o => o == Node.Absent ? "" : graph[o].Name)]);
            for (int i = 0; i < node.Outputs.Length; i++)
            {
                if (node.Outputs[i] == Node.Absent) continue;
                map[node.Outputs[i]] = copy.Outputs[i];
                if (Batch(node, edit[copy.Outputs[i]].Type) is { } after && Batch(node, graph[node.Outputs[i]].Type) is { } before
                    && after != before && Leading(graph, node.Inputs[0]) == before && Leading(edit, copy.Inputs[0]) == before)
                    throw new NnccException(FaultCodes.OperandShape,
                        $"the first axis of its result would have {after} elements in place of {before}: it takes pixels for images",
                        node.Place, advice);
            }
        }
        catch (NnccException e)
        {
            throw new NnccException([.. e.Faults.Select(f => f with { Place = f.Place ?? node.Place, Advice = f.Advice ?? advice })]);
        }
    }

    // A reshape may infer its first size (-1) from how many elements there are, and that must stay the number of images.
    private static long? Batch(Node node, IrType type) =>
        node.Op is Reshape && type is TensorType { Shape: { Rank: > 0 } shape } ? shape[0].Value : null;

    private static long? Leading(Graph graph, int value) => ShapeOf(graph, value) is { Rank: > 0 } shape ? shape[0].Value : null;

    private static long? Leading(GraphEdit edit, int value) =>
        edit[value].Type is TensorType { Shape: { Rank: > 0 } shape } ? shape[0].Value : null;

    private static Shape? ShapeOf(Graph graph, int value) => (graph[value].Type as TensorType)?.Shape;
}
