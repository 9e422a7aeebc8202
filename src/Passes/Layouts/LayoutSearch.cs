using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes.Cost;
using Nncc.Passes.Schedules;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Passes.Layouts;

/// <summary>
/// Chooses the layouts of regions so that kernels and changes of layout together are predicted to take the least time: dynamic programming
/// over the regions in topological order. A state is the layouts in which values that are still read are there; of two ways to the same
/// state the cheaper one is gone on with, of all states the cheapest ones.
/// </summary>
internal sealed class LayoutSearch(Graph graph, IKernelCatalog catalog, TargetProfile target, ICostModel cost)
{
    // States that are gone on with.
    private const int Beam = 24;

    private readonly double modelBytes = MachineCostModel.ModelBytes(graph);
    private readonly Dictionary<(string Type, Layout? From, Layout? To), double> changes = [];

    private sealed record State(double Cost, ImmutableSortedDictionary<int, ImmutableArray<Layout?>> There, State? Before, Node? Node,
        LayoutChoice? Choice);

    /// <summary>What each region chooses, halos of results aside.</summary>
    /// <param name="legal">The choices of a fusion.</param>
    public Dictionary<int, LayoutChoice> Run(Func<Node, IReadOnlyList<LayoutChoice>> legal)
    {
        var last = new Dictionary<int, int>();
        for (int i = 0; i < graph.Nodes.Length; i++)
            foreach (int value in graph.Nodes[i].GivenInputs) last[value] = i;
        foreach (var output in graph.Outputs) last[output.Value] = graph.Nodes.Length;
        var states = new List<State>
        {
            new(0, graph.Inputs.ToImmutableSortedDictionary(i => i.Value, i => (ImmutableArray<Layout?>)[null]), null, null, null),
        };
        for (int i = 0; i < graph.Nodes.Length; i++)
        {
            var node = graph.Nodes[i];
            if (node.Op is not Fusion) continue;
            var region = KernelRegion.Of(graph, node);
            var choices = legal(node).Select(choice => (Choice: choice, Ns: Ns(region, choice))).Where(c => c.Ns < double.PositiveInfinity)
                .ToList();
            if (choices.Count == 0) choices.Add((LayoutChoice.Plain(node.Inputs.Length, node.Outputs.Length), 0)); // named by what follows
            var next = new Dictionary<string, State>(StringComparer.Ordinal);
            foreach (var state in states)
                foreach (var (choice, ns) in choices)
                {
                    var reached = After(state, node, region, choice, ns);
                    reached = reached with { There = reached.There.RemoveRange(reached.There.Keys.Where(v =>
                        last.GetValueOrDefault(v) <= i)) };
                    string key = string.Join(';', reached.There.Select(v => $"{v.Key}:{string.Join('|', v.Value)}"));
                    if (!next.TryGetValue(key, out var there) || reached.Cost < there.Cost) next[key] = reached;
                }
            states = [.. next.Values.OrderBy(s => s.Cost).Take(Beam)];
        }
        var best = states.MinBy(s => s.Cost + graph.Outputs.Sum(o => s.There.TryGetValue(o.Value, out var layouts)
            ? Change(o.Value, layouts, null) : 0));
        var result = new Dictionary<int, LayoutChoice>();
        for (var state = best; state?.Node is not null; state = state.Before) result[state.Node.Id] = state.Choice!;
        return result;
    }

    private State After(State state, Node node, KernelRegion region, LayoutChoice choice, double ns)
    {
        var there = state.There;
        double spent = state.Cost + ns;
        for (int i = 0; i < node.Inputs.Length; i++)
        {
            if (region.Constants[i] is not null || !there.TryGetValue(node.Inputs[i], out var layouts)) continue;
            var wanted = LayoutAssignment.Base(choice.Operands[i].Layout);
            if (layouts.Contains(wanted)) continue;
            spent += Change(node.Inputs[i], layouts, wanted);
            there = there.SetItem(node.Inputs[i], layouts.Add(wanted));
        }
        for (int i = 0; i < node.Outputs.Length; i++)
            there = there.SetItem(node.Outputs[i], [LayoutAssignment.Base(choice.Results[i].Layout)]);
        return new State(spent, there, state, node, choice);
    }

    private double Ns(KernelRegion region, LayoutChoice choice)
    {
        var laid = region with { Layouts = choice.IsPlain ? null : choice };
        return catalog.Accepts(laid, target).IsYes ? SchedulePredictions.Best(catalog, target, cost, laid, modelBytes).Cost.TotalNs
            : double.PositiveInfinity;
    }

    // Nanoseconds of the cheapest change of a value to a layout from those that it has.
    private double Change(int value, ImmutableArray<Layout?> from, Layout? to) =>
        from.Contains(to) ? 0 : from.Min(layout => Change(value, layout, to));

    private double Change(int value, Layout? from, Layout? to)
    {
        var type = graph.Type(value)!;
        var key = (type.ToString()!, from, to);
        if (changes.TryGetValue(key, out double known)) return known;
        var body = new GraphEdit("fusion");
        int operand = body.AddInput("x", type);
        body.AddOutput("y", body.Insert(new Relayout(), [operand], Provenance.None, ["y"]).Outputs[0]);
        var region = new KernelRegion(body.Freeze(), [null]);
        return changes[key] = Ns(region, new LayoutChoice([new LayoutSlot(from)], [new LayoutSlot(to)]));
    }
}
