using System.Collections.Immutable;

namespace Nncc.IR;

public sealed partial class GraphEdit
{
    /// <summary>
    /// Puts the nodes of a closed graph (a branch, a function, a fusion) in front of a node. Names that are taken get a number; types are
    /// inferred anew, and what the body said beyond that is kept.
    /// </summary>
    /// <param name="body">The closed graph.</param>
    /// <param name="arguments">The values that stand for its inputs.</param>
    /// <param name="before">The node in front of which it is put.</param>
    /// <param name="step">The pass or rule, for the origins.</param>
    /// <param name="inserted">The new nodes, in order.</param>
    /// <returns>The values that stand for its outputs.</returns>
    public ImmutableArray<int> Splice(Graph body, ReadOnlySpan<int> arguments, Node before, string step, out ImmutableArray<Node> inserted)
    {
        if (arguments.Length != body.Inputs.Length)
            throw new ArgumentException($"\"{body.Name}\" has {body.Inputs.Length} inputs, got {arguments.Length} values",
                nameof(arguments));
        var map = new Dictionary<int, int> { [Node.Absent] = Node.Absent };
        for (int i = 0; i < arguments.Length; i++) map[body.Inputs[i].Value] = arguments[i];
        var added = ImmutableArray.CreateBuilder<Node>(body.Nodes.Length);
        foreach (var node in body.Nodes)
        {
            var origin = Provenance.Merge(node.Origin.Nodes.IsEmpty ? [node.Origin, before.Origin] : [node.Origin], step);
            var copy = Insert(node.Op, [.. node.Inputs.Select(i => map[i])], origin,
                [.. node.Outputs.Select(o => o == Node.Absent ? "" : body[o].Name)], before);
            for (int i = 0; i < node.Outputs.Length; i++)
            {
                if (node.Outputs[i] == Node.Absent) continue;
                var old = body[node.Outputs[i]];
                map[old.Id] = copy.Outputs[i];
                SetLayout(copy.Outputs[i], old.Layout);
                // A size that the body made has a name that may mean another one here.
                if (!old.Type.Symbols.Any(FreshSymbols.IsFresh) && !TypeRelation.Contradicts(this[copy.Outputs[i]].Type, old.Type))
                    Refine(copy.Outputs[i], TypeRelation.Meet(this[copy.Outputs[i]].Type, old.Type));
            }
            added.Add(copy);
        }
        inserted = added.MoveToImmutable();
        return [.. body.Outputs.Select(o => map[o.Value])];
    }
}
