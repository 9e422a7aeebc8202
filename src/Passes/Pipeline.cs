using System.Collections.Immutable;
using Nncc.IR;
using Nncc.Passes.Plugins;

namespace Nncc.Passes;

/// <summary>What one pass of a pipeline did.</summary>
/// <param name="Pass">The pass.</param>
/// <param name="Steps">How many changes it made.</param>
/// <param name="Before">The graph it got.</param>
/// <param name="After">The graph it gave; the same object if nothing changed.</param>
public sealed record PassReport(IPass Pass, long Steps, Graph Before, Graph After);

/// <summary>Passes in order. The graph is verified before the first and after every one.</summary>
/// <param name="name">Name of the pipeline.</param>
/// <param name="passes">The passes, in order.</param>
public sealed class Pipeline(string name, params ImmutableArray<IPass> passes)
{
    /// <summary>Name of the pipeline.</summary>
    public string Name => name;

    /// <summary>The passes, in order.</summary>
    public ImmutableArray<IPass> Passes => passes;

    /// <summary>Called after each pass: dumps, statistics, progress; null for nobody.</summary>
    public Action<PassReport>? Observe { get; init; }

    /// <summary>The same without the passes of those names.</summary>
    public Pipeline Without(IReadOnlyCollection<string> names) =>
        new(name, [.. passes.Where(p => !names.Contains(p.Name))]) { Observe = Observe };

    /// <summary>Runs all passes.</summary>
    /// <exception cref="NnccException">The given graph does not verify, a pass found a fault in what the user gave, or a
    /// plugin failed.</exception>
    /// <exception cref="InternalFault">A pass failed or gave a graph that does not verify.</exception>
    public Graph Run(Graph graph, PassContext context)
    {
        if (Verifier.Check(graph, context.Ops) is { IsEmpty: false } wrong) throw new NnccException(wrong);
        // Running a pass twice changes nothing: one that stands here again has nothing to do in the graph that it gave.
        var given = new Dictionary<IPass, Graph>(ReferenceEqualityComparer.Instance);
        foreach (var pass in passes)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            long steps = context.Steps.Count;
            var own = pass is Again again ? again.Pass : pass;
            if (given.GetValueOrDefault(own) is { } last && ReferenceEquals(last, graph))
            {
                Observe?.Invoke(new PassReport(pass, 0, graph, graph));
                continue;
            }
            var inner = context with { Pass = pass.Name };
            var after = Run(pass, graph, inner);
            if (!ReferenceEquals(after, graph) && Verifier.Check(after, context.Ops, graph) is { IsEmpty: false } faults)
                throw PluginBlame.Of(pass, faults) ?? (Exception?)PluginBlame.Of(after, faults)
                    ?? InternalFault.Unverified(pass, graph, steps, inner, faults);
            Observe?.Invoke(new PassReport(pass, context.Steps.Count - steps, graph, after));
            graph = given[own] = after;
        }
        return graph;
    }

    private static Graph Run(IPass pass, Graph graph, PassContext context)
    {
        long steps = context.Steps.Count;
        try
        {
            return pass.Run(graph, context);
        }
        catch (Exception e) when (e is not (NnccException or OperationCanceledException or OutOfMemoryException))
        {
            throw (Exception?)PluginBlame.Of(e) ?? InternalFault.Thrown(pass, graph, steps, context, e);
        }
    }
}
