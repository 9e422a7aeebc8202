using System.Collections.Immutable;

namespace Nncc.Passes.Rules;

/// <summary>Applies rules until none fits: at every node of the graph and of the bodies in it, operands first.</summary>
/// <param name="name">Name of the pass.</param>
/// <param name="rules">The rules.</param>
public sealed class RewritePass(string name, RuleSet rules) : IPass
{
    // Of a graph with so many nodes; more means that rules undo each other.
    private const int StepsPerNode = 40, StepsAtLeast = 2000;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public string Summary => $"Applies {rules.Rules.Length} rules until none fits, in bodies too. Inputs and outputs of the graph stay.";

    /// <summary>The rules.</summary>
    public RuleSet Rules => rules;

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context)
    {
        graph = context.InBodies(graph, Run);
        var edit = new GraphEdit(graph);
        var work = new Worklist(graph.Nodes);
        var rewriter = new Rewriter(edit, rules, context);
        long most = StepsAtLeast + (long)StepsPerNode * graph.Nodes.Length;
        long applied = 0, swept = -1;
        while (swept != applied)
        {
            swept = applied;
            while (work.TryTake(out int id))
            {
                if (edit.Find(id) is not { } node || rewriter.TryApply(node) is not { } touched) continue;
                if (++applied > most)
                    throw new NnccException(FaultCodes.RuleLoop,
                        $"{applied} rewrites did not come to an end; the last one was {rewriter.Last!.Id}",
                        node.Place, $"leave it out with --disable {rewriter.Last.Name}");
                work.AddRange(touched);
            }
            // What changed below a node may make a rule fit that looks deeper than its operands.
            if (swept != applied) work = new Worklist(edit.Nodes);
        }
        return edit.Freeze();
    }

    private sealed class Worklist
    {
        private readonly Queue<int> queue = [];
        private bool[] isQueued = []; // by node

        public Worklist(IEnumerable<Node> nodes) => AddRange(nodes.Select(n => n.Id));

        public void AddRange(IEnumerable<int> ids)
        {
            foreach (int id in ids)
            {
                if (id >= isQueued.Length) Array.Resize(ref isQueued, Math.Max(id + 1, 2 * isQueued.Length));
                if (isQueued[id]) continue;
                isQueued[id] = true;
                queue.Enqueue(id);
            }
        }

        public bool TryTake(out int id)
        {
            if (!queue.TryDequeue(out id)) return false;
            isQueued[id] = false;
            return true;
        }
    }
}
