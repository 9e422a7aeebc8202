using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.Backends.Verification;

/// <summary>Compares values inside of a model with those of the wide evaluation, while that runs: none of its values is kept.</summary>
internal static class LayerComparison
{
    /// <summary>The first and the worst value that an engine has otherwise.</summary>
    /// <param name="graph">The graph as read.</param>
    /// <param name="inputs">Its inputs.</param>
    /// <param name="values">The engine's values by name.</param>
    /// <param name="bars">The bars of the graph.</param>
    /// <param name="cancellation">Ends it.</param>
    public static LayerReport Run(Graph graph, ImmutableArray<Datum?> inputs, IReadOnlyDictionary<string, Datum> values, ErrorBars bars,
        CancellationToken cancellation)
    {
        LayerError? first = null, worst = null;
        int compared = 0;
        double margin = graph.Values.Select(v => bars[v.Id]).DefaultIfEmpty(ErrorBars.Float32).Max();
        ImmutableArray<Datum?> wide = [];
        var evaluator = new Evaluator(isWide: true, cancellation)
        {
            Observe = (_, _, results) => wide = results,
            ObserveNudged = (owner, node, nudged) =>
            {
                if (!ReferenceEquals(owner, graph) || node.Op is IR.Ops.Constant) return;
                for (int i = 0; i < nudged.Length; i++)
                {
                    if (wide[i] is not { } reference || !values.TryGetValue(graph[node.Outputs[i]].Name, out var actual)) continue;
                    compared++;
                    var result = OutputComparison.Of(graph[node.Outputs[i]].Name, reference, nudged[i]!, actual, bars[node.Outputs[i]]);
                    var error = new LayerError(node.Place, result.Output, result.Error, result.Bar, result.Difference);
                    if (!result.Agrees) first ??= error;
                    if (worst is null || Units(error) > Units(worst)) worst = error;
                }
            },
        };
        evaluator.RunWithMargin(graph, inputs, margin);
        return new LayerReport(compared, first, worst);
    }

    private static double Units(LayerError error) => error.Bar > 0 ? error.Error / error.Bar : error.Error > 0 ? double.PositiveInfinity
        : 0;
}
