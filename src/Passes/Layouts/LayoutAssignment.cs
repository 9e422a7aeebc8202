using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes.Cost;
using Nncc.Passes.Plans;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Passes.Layouts;

/// <summary>
/// Gives each value a layout. A region with multiply-accumulates takes a layout that one of its kernels prefers to row-major, of several
/// the one that changes the fewest bytes of its operands; any other region goes on in the layouts in which its operands come, as far as
/// that changes the fewest bytes. A value's halo is the largest that one of its consumers needs, and
/// that of values which are pieces of one memory the same. Where producer and consumer disagree, a
/// <see cref="Relayout"/> stands between them, one for all consumers that want the same. Needs a fused graph; leaves producers and
/// consumers in agreement and inputs and outputs of the graph plain; changes no result.
/// </summary>
/// <param name="catalog">Knows the legal layouts, best first.</param>
/// <param name="target">The machine.</param>
/// <param name="cost">Where it is given, layouts are those with the least predicted time (<see cref="LayoutSearch"/>).</param>
/// <param name="plan">Says layouts of regions; null where all are chosen.</param>
public sealed class LayoutAssignment(IKernelCatalog catalog, TargetProfile target, ICostModel? cost = null, Plan? plan = null) : IPass
{
    /// <inheritdoc/>
    public string Name => "layout-assignment";

    /// <inheritdoc/>
    public string Summary =>
        "Gives every value a layout and inserts the changes of layout that this needs. Never changes what is computed.";

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context)
    {
        faults.Clear();
        var choices = cost is null ? Choose(graph)
            : new LayoutSearch(graph, catalog, target, cost).Run(node => Legal(graph, node));
        if (faults.Count > 0) throw new NnccException([.. faults]);
        if (choices.Values.All(c => c.IsPlain)) return graph;
        var halos = Halos(graph, choices);
        var edit = new GraphEdit(graph);
        var changed = new Dictionary<(int Value, Layout? Layout), int>();
        foreach (var node in graph.Nodes)
        {
            if (!choices.TryGetValue(node.Id, out var choice)) continue;
            var operands = node.Inputs.ToArray();
            for (int i = 0; i < operands.Length; i++)
                operands[i] = Convert(edit.Find(node.Id)!, operands[i], WithHalo(node.Inputs[i], choice.Operands[i].Layout));
            if (!operands.AsSpan().SequenceEqual(node.Inputs.AsSpan())) edit.Change(node, node.Op, operands);
            for (int i = 0; i < node.Outputs.Length; i++)
                edit.SetLayout(node.Outputs[i], WithHalo(node.Outputs[i], choice.Results[i].Layout));
        }
        var plain = edit.Outputs.Select(o => o with { Value = Convert(null, o.Value, null) }).ToArray();
        edit.SetOutputs(plain);
        return edit.Freeze();

        Layout? WithHalo(int value, Layout? layout) =>
            layout is not null && halos.TryGetValue((value, Base(layout)!), out var halo) ? layout with { Halo = halo } : layout;

        // Constants take any layout: they are packed at compile time.
        int Convert(Node? before, int value, Layout? wanted)
        {
            if (Equals(edit[value].Layout, wanted) || edit.Constant(value) is not null) return value;
            if (changed.TryGetValue((value, wanted), out int there)) return there;
            string name = $"{edit[value].Name}.relayout";
            var origin = Provenance.Merge([edit.Producer(value)?.Origin ?? Provenance.None], Name);
            var body = new GraphEdit("fusion");
            int operand = body.AddInput(edit[value].Name, edit[value].Type);
            body.AddOutput(name, body.Insert(new Relayout(), [operand], origin, [name]).Outputs[0]);
            int result = edit.Insert(new Fusion(body.Freeze()), [value], origin, [name], before).Outputs[0];
            edit.SetLayout(result, wanted);
            return changed[(value, wanted)] = result;
        }
    }

    private readonly List<Fault> faults = [];

    // What a fusion may choose; by a plan one of them.
    private IReadOnlyList<LayoutChoice> Legal(Graph graph, Node node)
    {
        var legal = catalog.Layouts(KernelRegion.Of(graph, node), target);
        if (plan?.RegionOf(graph, node) is not { Layouts: { } wanted } planned) return legal;
        var texts = legal.Select(choice => Plan.LayoutText(choice, i => graph.TryConstant(node.Inputs[i], out _))).ToList();
        if (texts.IndexOf(wanted) is >= 0 and var found) return [legal[found]];
        faults.Add(new Fault(FaultCodes.BadPlan, $"\"{wanted}\" are no layouts of this region", planned.Place,
            $"legal are {string.Join("; ", texts.Distinct())}"));
        return legal;
    }

    // What each fusion chooses, halos aside.
    private Dictionary<int, LayoutChoice> Choose(Graph graph)
    {
        var choices = new Dictionary<int, LayoutChoice>();
        var layouts = new Dictionary<int, Layout?>();
        foreach (var node in graph.Nodes)
        {
            if (node.Op is not Fusion fusion) continue;
            var region = KernelRegion.Of(graph, node);
            var legal = Legal(graph, node);
            if (legal.Count > 1 && IsHeavy(fusion.Body)) legal = [.. legal.Where(c => !c.IsPlain)];
            var best = legal.MinBy(choice => Enumerable.Range(0, node.Inputs.Length)
                .Where(i => region.Constants[i] is null
                    && !Equals(Base(choice.Operands[i].Layout), layouts.GetValueOrDefault(node.Inputs[i])))
                .Sum(i => Bytes(graph, node.Inputs[i])))!;
            choices[node.Id] = best;
            for (int i = 0; i < node.Outputs.Length; i++) layouts[node.Outputs[i]] = Base(best.Results[i].Layout);
        }
        return choices;
    }

    // For each value in each layout that somebody makes or takes: the largest halo that a consumer needs, shared where memory is.
    private static Dictionary<(int Value, Layout Layout), EquatableArray<long>> Halos(Graph graph, Dictionary<int, LayoutChoice> choices)
    {
        var shared = new Dictionary<(int, Layout), (int, Layout)>();
        var halos = new Dictionary<(int, Layout), EquatableArray<long>>();
        foreach (var (node, choice) in Chosen())
        {
            if (!choice.SharesHalo) continue;
            var same = node.Inputs.Zip(choice.Operands).Concat(node.Outputs.Zip(choice.Results)).Where(v => v.Second.Layout is not null)
                .Select(v => Find((v.First, Base(v.Second.Layout)!))).ToArray();
            foreach (var key in same) if (key != same[0]) shared[Find(key)] = Find(same[0]);
        }
        foreach (var (node, choice) in Chosen())
            for (int i = 0; i < node.Inputs.Length; i++)
            {
                if (choice.Operands[i].Layout is not { Halo.IsEmpty: false } layout) continue;
                var key = Find((node.Inputs[i], Base(layout)!));
                halos[key] = halos.TryGetValue(key, out var halo) ? [.. halo.Zip(layout.Halo, Math.Max)] : layout.Halo;
            }
        foreach (var key in shared.Keys.ToArray())
            if (halos.TryGetValue(Find(key), out var halo)) halos[key] = halo;
        return halos;

        IEnumerable<(Node Node, LayoutChoice Choice)> Chosen() =>
            graph.Nodes.Where(n => choices.ContainsKey(n.Id)).Select(n => (n, choices[n.Id]));

        (int, Layout) Find((int, Layout) key)
        {
            while (shared.TryGetValue(key, out var next)) key = next;
            return key;
        }
    }

    internal static Layout? Base(Layout? layout) => layout is null ? null : layout with { Halo = default };

    private static bool IsHeavy(Graph body) => body.Nodes.Any(n => n.Op.Measure(body.MeasureContext(n)).Macs.Value is > 0);

    private static double Bytes(Graph graph, int value) => MeasureContext.Bytes(graph[value].Type).Value ?? 0;
}
