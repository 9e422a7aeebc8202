using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Passes;

namespace Example.Swish;

/// <summary>Writes Swish in ops that every backend has: Mul, Sigmoid, Mul.</summary>
public sealed class ExpandSwish : IPass
{
    /// <inheritdoc/>
    public string Name => "expand-swish";

    /// <inheritdoc/>
    public string Summary => "Replaces com.example.Swish by Mul and Sigmoid. Leaves none.";

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context)
    {
        graph = context.InBodies(graph, Run);
        var edit = new GraphEdit(graph);
        foreach (var node in graph.Nodes)
            if (node.Op is Swish swish) context.Step(edit, Name, () => Expand(edit, node, swish));
        return edit.Freeze();
    }

    private static void Expand(GraphEdit edit, Node node, Swish swish)
    {
        var origin = Provenance.Merge([node.Origin], "expand-swish");
        int x = node.Inputs[0], slope = x;
        if (swish.Beta != 1)
        {
            var dtype = ((TensorType)edit[x].Type).DType;
            int beta = edit.AddConstant(Tensor.FromDoubles(dtype, [], [swish.Beta]), origin: origin, before: node);
            slope = edit.Insert(new Mul(), [x, beta], origin).Outputs[0];
        }
        int gate = edit.Insert(new Sigmoid(), [slope], origin).Outputs[0];
        edit.ReplaceValue(node.Outputs[0], edit.Insert(new Mul(), [x, gate], origin).Outputs[0]);
        edit.Erase(node);
    }
}
