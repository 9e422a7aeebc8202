using Nncc.IR;
using Nncc.Passes.Rules.Checking;

namespace Nncc.Passes;

/// <summary>What a pass works with beside the graph.</summary>
/// <param name="Ops">The ops of this compilation.</param>
public sealed record PassContext(OpRegistry Ops)
{
    /// <summary>What the user decided.</summary>
    public CompileOptions Options { get; init; } = new();

    /// <summary>Numbers the changes.</summary>
    public StepLog Steps { get; init; } = new();

    /// <summary>Evaluates applications of rules; null for nobody.</summary>
    public ApplicationChecks? Checks { get; init; }

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
    public void Notice(string message, string? place = null, string? advice = null) =>
        Notify?.Invoke(new Notice(Pass, message, place, advice));

    /// <summary>The context for the bodies of a node.</summary>
    /// <exception cref="NnccException">Bodies lie deeper in bodies than <see cref="Graph.NestingLimit"/>.</exception>
    public PassContext Inside(Node node) => Depth < Graph.NestingLimit ? this with { Depth = Depth + 1 }
        : throw new NnccException(FaultCodes.Nesting, $"bodies are nested more than {Graph.NestingLimit} deep", node.Place);

    /// <summary>
    /// Applies <paramref name="run"/> to the bodies of a node (If, Loop, Scan) and gives the node with the results; the same object if no
    /// body changed. Bodies of ops that nncc does not know stay as they are. Steps are those made inside.
    /// </summary>
    public Node InBodies(GraphEdit edit, Node node, Func<Graph, PassContext, Graph> run)
    {
        if (node.Op is IR.Ops.Opaque || node.Op.Bodies is not { IsEmpty: false } bodies) return node;
        var inner = Inside(node);
        var changed = bodies;
        for (int i = 0; i < bodies.Length; i++)
            if (run(bodies[i], inner) is var body && !ReferenceEquals(body, bodies[i])) changed = changed.SetItem(i, body);
        return changed == bodies ? node : edit.Change(node, node.Op.WithBodies(changed), node.Inputs.AsSpan());
    }

    /// <summary>
    /// The graph with <paramref name="run"/> applied to the bodies of its nodes; the same object if no body changed. A pass calls this on
    /// itself, so that it reaches every depth.
    /// </summary>
    public Graph InBodies(Graph graph, Func<Graph, PassContext, Graph> run)
    {
        GraphEdit? edit = null;
        foreach (var node in graph.Nodes)
            if (!node.Op.Bodies.IsEmpty) InBodies(edit ??= new GraphEdit(graph), node, run);
        return edit?.Freeze() ?? graph;
    }
}
