using System.Collections.Immutable;
using Nncc.IR.Ops;

namespace Nncc.Backends.Drawing;

/// <summary>What a drawn node stands for.</summary>
public enum DrawnKind
{
    /// <summary>An input of the graph.</summary>
    Input,
    /// <summary>An output of the graph.</summary>
    Output,
    /// <summary>An op with products: convolution, matrix product, recurrence.</summary>
    Product,
    /// <summary>Another op.</summary>
    Op,
}

/// <summary>A node of the picture.</summary>
/// <param name="Lines">What stands in it.</param>
/// <param name="Kind">What it stands for.</param>
/// <param name="Region">Place in <see cref="GraphDrawing.Regions"/>; -1 for none.</param>
public sealed record DrawnNode(ImmutableArray<string> Lines, DrawnKind Kind, int Region = -1);

/// <summary>An arrow of the picture.</summary>
/// <param name="From">Place of a node.</param>
/// <param name="To">Place of a node.</param>
/// <param name="Label">The type of the value.</param>
public sealed record DrawnEdge(int From, int To, string Label);

/// <summary>
/// A graph as nodes and arrows: fusions as regions around their nodes, constants as lines in the nodes that use them, bodies of control
/// flow as numbers of their nodes.
/// </summary>
/// <param name="Name">Name of the graph.</param>
/// <param name="Nodes">Nodes; arrows refer to their places.</param>
/// <param name="Edges">Arrows.</param>
/// <param name="Regions">Titles of regions: what one kernel computes.</param>
public sealed record GraphDrawing(string Name, ImmutableArray<DrawnNode> Nodes, ImmutableArray<DrawnEdge> Edges,
    ImmutableArray<string> Regions)
{
    /// <summary>The drawing of a graph at any stage.</summary>
    public static GraphDrawing Of(Graph graph) => new Pen().Draw(graph);

    private sealed class Pen
    {
        private readonly ImmutableArray<DrawnNode>.Builder nodes = ImmutableArray.CreateBuilder<DrawnNode>();
        private readonly ImmutableArray<DrawnEdge>.Builder edges = ImmutableArray.CreateBuilder<DrawnEdge>();
        private readonly ImmutableArray<string>.Builder regions = ImmutableArray.CreateBuilder<string>();

        public GraphDrawing Draw(Graph graph)
        {
            // By value of the graph: the drawn node that gives it.
            var givers = new Dictionary<int, int>();
            foreach (var input in graph.Inputs)
            {
                var value = graph[input.Value];
                givers[value.Id] = Add(new([value.Name, value.Type.ToString()], DrawnKind.Input));
            }
            foreach (var node in graph.Nodes)
            {
                if (node.Op is Constant) continue;
                if (node.Op is Fusion fusion) DrawFusion(graph, node, fusion.Body, givers);
                else DrawNode(graph, node, givers, -1);
            }
            foreach (var output in graph.Outputs)
            {
                var value = graph[output.Value];
                int drawn = Add(new([output.Name, value.Type.ToString()], DrawnKind.Output));
                if (givers.TryGetValue(value.Id, out int giver)) edges.Add(new(giver, drawn, value.Type.ToString()));
            }
            return new(graph.Name, nodes.ToImmutable(), edges.ToImmutable(), regions.ToImmutable());
        }

        private void DrawFusion(Graph graph, Node node, Graph body, Dictionary<int, int> givers)
        {
            var inner = new Dictionary<int, int>();
            var constants = new Dictionary<int, Tensor>();
            for (int i = 0; i < node.Inputs.Length; i++)
            {
                int operand = body.Inputs[i].Value;
                if (graph.TryConstant(node.Inputs[i], out var tensor)) constants[operand] = tensor;
                else if (node.Inputs[i] != Node.Absent && givers.TryGetValue(node.Inputs[i], out int giver)) inner[operand] = giver;
            }
            regions.Add(node.Origin.ToString());
            foreach (var part in body.Nodes)
                if (part.Op is not Constant) DrawNode(body, part, inner, regions.Count - 1, constants);
            for (int i = 0; i < node.Outputs.Length; i++)
                if (node.Outputs[i] != Node.Absent && inner.TryGetValue(body.Outputs[i].Value, out int giver))
                    givers[node.Outputs[i]] = giver;
        }

        private void DrawNode(Graph graph, Node node, Dictionary<int, int> givers, int region,
            Dictionary<int, Tensor>? constants = null)
        {
            var lines = ImmutableArray.CreateBuilder<string>();
            lines.Add(node.Op.FullName);
            if (node.Origin.Nodes.Count > 0) lines.Add(node.Origin.Nodes[0]);
            foreach (int input in node.GivenInputs)
                if (graph.TryConstant(input, out var tensor) || (constants is not null && constants.TryGetValue(input, out tensor)))
                    lines.Add($"{graph[input].Name}: {tensor.Type}");
            foreach (var inside in node.Op.Bodies) lines.Add($"{inside.Name}: {inside.Nodes.Count(n => n.Op is not Constant)} nodes");
            bool isProduct = node.Op is not Opaque && node.Op.Bodies.IsEmpty
                && !node.Op.Measure(graph.MeasureContext(node)).Macs.Equals(Dim.Of(0));
            int drawn = Add(new(lines.ToImmutable(), isProduct ? DrawnKind.Product : DrawnKind.Op, region));
            foreach (int input in node.GivenInputs)
                if (givers.TryGetValue(input, out int giver)) edges.Add(new(giver, drawn, graph[input].Type.ToString()));
            foreach (int output in node.GivenOutputs) givers[output] = drawn;
        }

        private int Add(DrawnNode node)
        {
            nodes.Add(node);
            return nodes.Count - 1;
        }
    }
}
