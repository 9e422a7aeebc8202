namespace Nncc.Backends.Models;

/// <summary>Makes values inside a model its outputs, to look at them.</summary>
public static class ChosenOutputs
{
    /// <summary>The graph with these values in place of its outputs; constants and inputs are allowed.</summary>
    /// <param name="graph">The graph as read.</param>
    /// <param name="names">Names of values or nodes, or of outputs.</param>
    /// <exception cref="NnccException">A name does not exist: all of them, with the nearest ones.</exception>
    public static Graph Of(Graph graph, IEnumerable<string> names)
    {
        var faults = new List<Fault>();
        var lookup = new ValueNames(graph);
        var outputs = names.Distinct(StringComparer.Ordinal)
            .Select(name => lookup.Find(name, faults) is { } value ? new GraphOutput(name, value) : null).ToList();
        if (faults.Count > 0) throw new NnccException([.. faults]);
        var edit = new GraphEdit(graph);
        edit.SetOutputs(outputs!);
        return edit.Freeze();
    }
}
