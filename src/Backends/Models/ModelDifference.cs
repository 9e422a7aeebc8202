using System.Collections.Immutable;
using Nncc.IR.Ops;

namespace Nncc.Backends.Models;

/// <summary>Nodes of the first model and the nodes of the second one that do their work.</summary>
/// <param name="Before">Nodes of the first model; empty where the second one has more.</param>
/// <param name="After">Nodes of the second model; empty where they are gone.</param>
/// <param name="Differences">In words, what differs; empty where nodes were replaced by other ones.</param>
public sealed record NodeChange(ImmutableArray<Node> Before, ImmutableArray<Node> After, ImmutableArray<string> Differences);

/// <summary>
/// What differs between two models. Nodes belong together by the work they do: first those that compute the same of the same (whatever
/// their values are called), then those that come from the same nodes of an ONNX model and have the same op, then those whose results are
/// called the same. What is left is grouped by the ONNX nodes that it comes from.
/// </summary>
/// <param name="Interface">Differences in inputs and outputs: names, order, types, defaults.</param>
/// <param name="Changes">Differences in nodes, in the order of the models.</param>
/// <param name="Same">Nodes that are the same, constants not counted.</param>
public sealed record ModelDifference(ImmutableArray<string> Interface, ImmutableArray<NodeChange> Changes, int Same)
{
    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => Interface.IsEmpty && Changes.IsEmpty;

    /// <summary>Compares two graphs.</summary>
    public static ModelDifference Of(Graph before, Graph after, OpRegistry ops)
    {
        var matching = new NodeMatching(before, after);
        var changes = new List<NodeChange>();
        int same = matching.Same;
        foreach (var (a, b) in matching.Pairs)
        {
            var differences = new NodeComparison(before, after, matching, ops).Of(a, b);
            if (differences.IsEmpty) same++;
            else changes.Add(new NodeChange([a], [b], differences));
        }
        changes.AddRange(matching.Groups().Select(group => new NodeChange(group.Before, group.After, [])));
        return new(Ports(before, after), [.. changes.OrderBy(Place)], same);

        int Place(NodeChange change) => change.Before.IsEmpty ? before.Nodes.Length + after.Position(change.After[0])
            : before.Position(change.Before[0]);
    }

    private static ImmutableArray<string> Ports(Graph before, Graph after)
    {
        var found = ImmutableArray.CreateBuilder<string>();
        Compare("input", [.. before.Inputs.Select(i => (before[i.Value].Name, Text(before[i.Value].Type, i.Default)))],
            [.. after.Inputs.Select(i => (after[i.Value].Name, Text(after[i.Value].Type, i.Default)))]);
        Compare("output", [.. before.Outputs.Select(o => (o.Name, before[o.Value].Type.ToString()!))],
            [.. after.Outputs.Select(o => (o.Name, after[o.Value].Type.ToString()!))]);
        return found.ToImmutable();

        void Compare(string kind, (string Name, string Type)[] a, (string Name, string Type)[] b)
        {
            foreach (var (name, type) in a)
                if (b.FirstOrDefault(p => p.Name == name) is not { Name: not null } other) found.Add($"{kind} \"{name}\" is gone");
                else if (other.Type != type) found.Add($"{kind} \"{name}\" was {type} and is {other.Type}");
            foreach (var (name, type) in b)
                if (!a.Any(p => p.Name == name)) found.Add($"{kind} \"{name}\" ({type}) is new");
            if (a.Length == b.Length && a.All(p => b.Any(q => q.Name == p.Name))
                && !a.Select(p => p.Name).SequenceEqual(b.Select(p => p.Name)))
                found.Add($"the order of the {kind}s is another");
        }

        static string Text(IrType type, Tensor? defaultContent) => defaultContent is null ? $"{type}" : $"{type} with a default";
    }
}
