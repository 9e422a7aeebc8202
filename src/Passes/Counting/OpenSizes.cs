using Nncc.IR;

namespace Nncc.Passes.Counting;

/// <summary>Sizes and numbers of iterations that a count depends on and nobody gave.</summary>
internal static class OpenSizes
{
    /// <summary>What the symbol of a loop's iterations starts with; the loop's name follows.</summary>
    public const string TripsPrefix = "trips:";

    /// <summary>Fault for each thing that is open.</summary>
    /// <exception cref="NnccException">Something is.</exception>
    public static void Check(Graph graph, ModelCount count)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var row in count.Counted)
            foreach (var figure in new[] { row.Macs, row.IntegerMacs, row.Arithmetic, row.BytesIn, row.BytesOut, row.Activations })
                if (!figure.IsConstant) names.UnionWith(figure.Symbols);
        if (names.Count == 0) return;
        var inputs = graph.Inputs.SelectMany(input => graph[input.Value].Type.Symbols).ToHashSet(StringComparer.Ordinal);
        var faults = new List<Fault>();
        var given = names.Where(inputs.Contains).ToList();
        if (given.Count > 0)
            faults.Add(new Fault(FaultCodes.OpenCount, $"the sizes {List(given)} of the model's inputs are open",
                Advice: $"bind them with {string.Join(' ', given.Select(name => $"--dim {name}=1"))}, or count with --symbolic"));
        foreach (string name in names.Where(n => n.StartsWith(TripsPrefix, StringComparison.Ordinal)))
            faults.Add(new Fault(FaultCodes.OpenCount, "the model does not say how often a loop runs",
                $"node \"{name[TripsPrefix.Length..]}\"",
                $"give it with --trips {name[TripsPrefix.Length..]}=N, or count with --symbolic"));
        var inner = names.Where(n => !inputs.Contains(n) && !n.StartsWith(TripsPrefix, StringComparison.Ordinal)).ToList();
        if (inner.Count > 0 && given.Count == 0)
            faults.Add(new Fault(FaultCodes.OpenCount, $"the sizes {List(inner)} inside the model are known only when it runs",
                Advice: "count the canonical form with --stage canonical, where constants are folded, or count with --symbolic"));
        throw new NnccException([.. faults]);
    }

    private static string List(List<string> names) =>
        $"\"{string.Join("\", \"", names.Take(8))}\"{(names.Count > 8 ? $" and {names.Count - 8} more" : "")}";
}
