using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Passes.Layouts;

/// <summary>
/// Gives each value the layout that the kernel which makes it prefers, and puts a <see cref="Relayout"/> before a consumer that wants
/// another one (one for all consumers that want the same). Needs a fused graph; leaves producers and consumers in agreement and inputs and
/// outputs of the graph plain; changes no result.
/// </summary>
/// <param name="catalog">Knows the legal layouts, best first.</param>
/// <param name="target">The machine.</param>
public sealed class LayoutAssignment(IKernelCatalog catalog, TargetProfile target) : IPass
{
    /// <inheritdoc/>
    public string Name => "layout-assignment";

    /// <inheritdoc/>
    public string Summary =>
        "Gives every value a layout and inserts the changes of layout that this needs. Never changes what is computed.";

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context)
    {
        var edit = new GraphEdit(graph);
        var outputs = graph.Outputs.Select(o => o.Value).ToHashSet();
        var changed = new Dictionary<(int Value, Layout? Layout), int>();
        foreach (var node in graph.Nodes)
        {
            if (node.Op is not Fusion) continue;
            var choice = catalog.Layouts(KernelRegion.Of(graph, node), target)[0];
            var operands = node.Inputs.ToArray();
            for (int i = 0; i < operands.Length; i++)
                operands[i] = Convert(edit.Find(node.Id)!, operands[i], choice.Operands[i].Layout);
            if (!operands.AsSpan().SequenceEqual(node.Inputs.AsSpan())) edit.Change(node, node.Op, operands);
            for (int i = 0; i < node.Outputs.Length; i++) edit.SetLayout(node.Outputs[i], choice.Results[i].Layout);
        }
        var plain = edit.Outputs.Select(o => o with { Value = Convert(null, o.Value, null) }).ToArray();
        edit.SetOutputs(plain);
        return edit.Freeze();

        // Constants take any layout: they are packed at compile time.
        int Convert(Node? before, int value, Layout? wanted)
        {
            if (Equals(edit[value].Layout, wanted) || edit.Constant(value) is not null) return value;
            if (changed.TryGetValue((value, wanted), out int there)) return there;
            var origin = edit.Producer(value)?.Origin ?? Provenance.None;
            var node = edit.Insert(new Relayout(), [value], Provenance.Merge([origin], Name), [$"{edit[value].Name}.relayout"], before);
            edit.SetLayout(node.Outputs[0], wanted);
            return changed[(value, wanted)] = Region.Fuse(edit, [node], Name).Outputs[0];
        }
    }
}
