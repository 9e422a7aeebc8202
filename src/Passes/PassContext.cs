using Nncc.IR;

namespace Nncc.Passes;

/// <summary>What a pass works with beside the graph.</summary>
/// <param name="Ops">The ops of this compilation.</param>
public sealed record PassContext(OpRegistry Ops)
{
    /// <summary>What the user decided.</summary>
    public CompileOptions Options { get; init; } = new();

    /// <summary>Numbers the changes.</summary>
    public StepLog Steps { get; init; } = new();

    /// <summary>Takes what the user may want to know; null for nobody.</summary>
    public Action<Notice>? Notify { get; init; }

    /// <summary>The file that takes what is needed to see an internal error again; null for none.</summary>
    public string? ReproducerPath { get; init; }

    /// <summary>Ends the compilation.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Name of the pass that runs; set by the pipeline.</summary>
    public string Pass { get; init; } = "";

    /// <summary>0 for the graph of the model, 1 for a body in it, and so on.</summary>
    public int Depth { get; init; }

    /// <summary>
    /// Makes one change, a numbered step that leaves the graph valid. False, and nothing done, once the step limit is reached: the
    /// caller leaves this change out.
    /// </summary>
    /// <param name="edit">What is changed.</param>
    /// <param name="name">The rule, or what the pass calls this kind of change, in kebab-case.</param>
    /// <param name="change">Does it.</param>
    public bool Step(GraphEdit edit, string name, Action change)
    {
        Cancellation.ThrowIfCancellationRequested();
        return Steps.Run(this, name, edit, change);
    }

    /// <summary>Says why a change that nearly fitted was not made. The reason is computed only where somebody listens.</summary>
    public void Refuse(string name, Node node, Func<string> reason) => Steps.Refuse(Pass, name, node, reason);

    /// <summary>Tells the user something.</summary>
    public void Notice(string message, string? place = null, string? advice = null) => Notify?.Invoke(new Notice(Pass, message, place, advice));

    /// <summary>
    /// The graph with <paramref name="run"/> applied to the bodies of its nodes (If, Loop, Scan); the same object if no body
    /// changed. Steps are those made inside. A pass calls this on itself, so that it reaches every depth.
    /// </summary>
    /// <exception cref="NnccException">Bodies lie deeper in bodies than <see cref="Graph.NestingLimit"/>.</exception>
    public Graph InBodies(Graph graph, Func<Graph, PassContext, Graph> run)
    {
        GraphEdit? edit = null;
        foreach (var node in graph.Nodes)
        {
            if (node.Op.Bodies is not { IsEmpty: false } bodies) continue;
            if (Depth == Graph.NestingLimit)
                throw new NnccException(FaultCodes.Nesting, $"bodies are nested more than {Graph.NestingLimit} deep", node.Place);
            var changed = bodies;
            for (int i = 0; i < bodies.Length; i++)
                if (run(bodies[i], this with { Depth = Depth + 1 }) is var body && !ReferenceEquals(body, bodies[i])) changed = changed.SetItem(i, body);
            if (changed == bodies) continue;
            (edit ??= new GraphEdit(graph)).Change(node, node.Op.WithBodies(changed), node.Inputs.AsSpan());
        }
        return edit?.Freeze() ?? graph;
    }
}
