using Nncc.IR;
using static Nncc.Passes.Separable.FactoringReport;

namespace Nncc.Passes.Separable;

/// <summary>
/// Cuts channels off that weights of zeros make constant or do not read: rows of one layer, what is between, and columns of the next. What
/// such a channel is behind elementwise ops, batch norms and poolings is computed ahead and goes into the next layer's bias.
/// </summary>
public sealed class ZeroChannels : IPass
{
    /// <inheritdoc/>
    public string Name => "zero-channels";

    /// <inheritdoc/>
    public string Summary => "Cuts off channels that weights of zeros make constant or do not read, from one convolution, Gemm or MatMul "
        + "through what is between into the next. Never changes what is used elsewhere too.";

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context)
    {
        if (context.Options.StrictFloat) return graph;
        graph = context.InBodies(graph, Run);
        // A channel less may leave another one unread before it.
        for (Graph? last = null; !ReferenceEquals(last, graph);) (last, graph) = (graph, Sweep(graph, context));
        return graph;
    }

    private Graph Sweep(Graph graph, PassContext context)
    {
        var edit = new GraphEdit(graph);
        for (int i = graph.Nodes.Length - 1; i >= 0; i--)
            if (edit.Find(graph.Nodes[i].Id) is { } node && ChannelLayer.Of(edit, node) is { } into) Cut(edit, into, context);
        return edit.Freeze();
    }

    private void Cut(GraphEdit edit, ChannelLayer into, PassContext context)
    {
        var node = into.Node;
        if (ChannelChain.Of(edit, into, out string? reason) is not { } chain)
        {
            int unread = into.Unread().Count(u => u);
            if (unread > 0) context.Refuse(Name, node, () => $"{unread} of its {into.Incoming} channels are not read, but {reason}");
            return;
        }
        bool[] needed = chain.Needed(edit, out double[] constants);
        int cut = needed.Count(n => !n);
        if (cut == 0) return;
        Dim before = Macs(edit, chain.From.Node) + Macs(edit, node), after = 0;
        if (context.Step(edit, Name, () => after = Replace(edit, chain, needed, constants)))
            context.Notice(Say($"{cut} of {needed.Length} channels are cut off: {before} multiply-accumulates became {after}"),
                chain.From.Node.Place);
    }

    // The multiply-accumulates that remain.
    private Dim Replace(GraphEdit edit, ChannelChain chain, bool[] needed, double[] constants)
    {
        int old = chain.Into.Node.Outputs[0];
        string name = edit[old].Name;
        Node[] going = [chain.From.Node, .. chain.Between.Select(l => l.Node), chain.Into.Node];
        var (from, into) = chain.Cut(edit, needed, constants, Provenance.Merge(going.Select(n => n.Origin), Name));
        edit.ReplaceValue(old, into);
        for (int i = going.Length - 1; i >= 0; i--) edit.Erase(going[i]);
        edit.Rename(into, name);
        return Macs(edit, edit.Producer(from)!) + Macs(edit, edit.Producer(into)!);
    }

    private static Dim Macs(GraphEdit edit, Node node) => node.Op.Measure(new MeasureContext(
        [.. node.Inputs.Select(i => i == Node.Absent ? null : edit[i].Type)], [.. node.GivenOutputs.Select(o => edit[o].Type)])).Macs;
}
