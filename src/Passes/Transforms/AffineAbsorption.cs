using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Passes.Rules;

namespace Nncc.Passes.Transforms;

/// <summary>
/// A constant factor or summand behind what only moves elements goes into the weights in front of it:
/// k · move(Wx + b) = move((k'W)x + k'b), where k' is k moved back. Through any number of reshapes, transposes, parts of a split and
/// joined operands, as long as k' is one number for each channel of each product. Positive factors behind an exponential are summands
/// in front of it. Rules do this where nothing stands between.
/// </summary>
public sealed class AffineAbsorption : IPass
{
    /// <inheritdoc/>
    public string Name => "affine-absorption";

    /// <inheritdoc/>
    public string Summary => "Moves constant factors and summands through movements into weights. Does nothing where floats are strict.";

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context)
    {
        if (context.Options.StrictFloat) return graph;
        graph = context.InBodies(graph, Run);
        var edit = new GraphEdit(graph);
        foreach (var original in graph.Nodes)
        {
            if (edit.Find(original.Id) is not { } node || AffineMap.Of(edit, node, context.Ops) is not { } map) continue;
            var walk = new AffineWalk(edit, context.Ops);
            if (walk.Objection(map) is { } reason) context.Refuse(Name, node, () => reason);
            else context.Step(edit, Name, () =>
            {
                walk.Commit(node.Origin);
                edit.ReplaceValue(node.Outputs[0], map.Result);
                edit.Erase(node);
            });
        }
        return edit.Freeze();
    }
}
