namespace Nncc.IR.Onnx;

/// <summary>
/// A graph to the nodes that are written: every op in the form of the opset, constants apart, bodies open again, and outputs that
/// ONNX allows (each given by a node, none twice).
/// </summary>
/// <param name="registry">The ops.</param>
/// <param name="forms">Brings nodes to the opset.</param>
internal sealed class GraphLowering(OpRegistry registry, FormLowering forms)
{
    /// <summary>Lowers the model's graph. Where a node cannot be written, <see cref="FormLowering.Problems"/> says so.</summary>
    public LoweredGraph Lower(Graph graph) => Lower(graph, null, new Dictionary<int, int>());

    private LoweredGraph Lower(Graph source, LoweredGraph? outer, IReadOnlyDictionary<int, int> captures)
    {
        var graph = new LoweredGraph(source, outer, captures);
        foreach (var node in source.Nodes) Lower(node, graph);
        DropIdleConstants(graph);
        PlaceOutputConstants(graph);
        AddOutputs(graph);
        return graph;
    }

    private void Lower(Node node, LoweredGraph graph)
    {
        if (node.Op is Ops.Constant constant)
        {
            graph.Constants.Add((node.Outputs[0], constant.Value));
            return;
        }
        int own = node.Inputs.Length - node.Op.CaptureCount;
        var scope = new FormScope(graph.Edit, graph.Names, node.Origin, added => Lower(added, graph), graph.Constant);
        var form = new OpForm(scope, node.Op.Domain, node.Op.Name, node.Inputs[..own], Count(node));
        form.TrimInputs();
        if (node.Op is Ops.Opaque opaque)
        {
            foreach (var attribute in opaque.Attributes) form.Attributes[attribute.Name] = attribute.Value;
            if (!forms.Keeps(opaque, node.Place)) return;
        }
        else
        {
            if (registry.Find(node.Op) is not { } definition || definition is { Domain: OpResolver.InternalDomain, Body: null })
            {
                forms.Formless.Add(node);
                return;
            }
            foreach (var (name, value) in definition.Values(node.Op))
                if (definition.Attribute(name) is { IsDerived: false }) form.Attributes[name] = value;
            if (!forms.Lower(form, definition, node)) return;
            form.TrimInputs();
        }
        Add(node, form, own, graph);
    }

    private void Add(Node node, OpForm form, int own, LoweredGraph graph)
    {
        var outputs = new List<int>(form.OutputCount);
        for (int i = 0; i < form.OutputCount; i++) outputs.Add(i < node.Outputs.Length ? node.Outputs[i] : Node.Absent);
        var wrapped = new List<(int Slot, int Inner)>();
        foreach (int slot in form.Wrapped)
        {
            if (slot >= outputs.Count || outputs[slot] == Node.Absent) continue;
            var value = graph.Edit[outputs[slot]];
            wrapped.Add((slot, outputs[slot] = graph.NewValue(value.Name + "_raw", value.Type)));
        }
        var attributes = new List<KeyValuePair<string, object>>(form.Attributes.Count);
        foreach (var (name, value) in form.Attributes)
            attributes.Add(new(name, value is Graph body ? Body(body, node, own, graph) : value));
        var lowered = new LoweredNode(form.Domain, form.Name, form.Inputs, outputs, attributes, node.Origin);
        if (!forms.Fits(lowered, graph.Type, node)) return;
        graph.Nodes.Add(lowered);
        foreach (var (slot, inner) in wrapped) Rename(form.After[slot](inner), node.Outputs[slot], graph);
    }

    // What was added behind the op gives the value that the op gave.
    private static void Rename(int given, int wanted, LoweredGraph graph)
    {
        for (int i = graph.Nodes.Count - 1; i >= 0; i--)
        {
            int slot = graph.Nodes[i].Outputs.IndexOf(given);
            if (slot < 0) continue;
            graph.Nodes[i].Outputs[slot] = wanted;
            return;
        }
    }

    private LoweredGraph Body(Graph body, Node node, int own, LoweredGraph graph)
    {
        int formal = body.Inputs.Length - (node.Inputs.Length - own);
        var captures = new Dictionary<int, int>();
        for (int i = formal; i < body.Inputs.Length; i++) captures[body.Inputs[i].Value] = node.Inputs[own + i - formal];
        return Lower(body, graph, captures);
    }

    // What nobody uses is not written: constants that became attributes, and those that the model itself did not use.
    private static void DropIdleConstants(LoweredGraph graph)
    {
        var used = new HashSet<int>(graph.Source.Outputs.Select(o => o.Value));
        foreach (var node in graph.Nodes)
        {
            used.UnionWith(node.Inputs);
            foreach (var (_, value) in node.Attributes)
                if (value is LoweredGraph body) used.UnionWith(body.Captures.Values);
        }
        graph.Constants.RemoveAll(c => !used.Contains(c.Value)
            && (c.Value >= graph.Source.NextValue || !graph.Source.Users(c.Value).IsEmpty));
    }

    // A constant that is an output stands in a Constant node; a large one is an initializer, which may be external, behind an Identity.
    private void PlaceOutputConstants(LoweredGraph graph)
    {
        var outputs = graph.Source.Outputs.Select(o => o.Value).ToHashSet();
        var placed = graph.Constants.Where(c => outputs.Contains(c.Value)
            && (c.Tensor.DType == DType.String || c.Tensor.ByteCount < ExternalDataWriter.Least)).ToList();
        graph.Constants.RemoveAll(placed.Contains);
        var nodes = placed.Select(c => new LoweredNode("", "Constant", [], [c.Value], [new("value", c.Tensor)],
            graph.Edit.Producer(c.Value)!.Origin));
        graph.Nodes.InsertRange(0, nodes.Where(node => forms.Fits(node, graph.Type, $"{node.Origin} (Constant)")));
    }

    // An output needs a node of this graph that gives it, and one of its own.
    private void AddOutputs(LoweredGraph graph)
    {
        var given = graph.Nodes.SelectMany(n => n.Outputs).ToHashSet();
        foreach (var output in graph.Source.Outputs)
        {
            var value = graph.Edit[output.Value];
            bool isSameInput = graph.Outer is null && value.IsInput && value.Name == output.Name;
            if (isSameInput || given.Remove(output.Value))
            {
                graph.Outputs.Add((output.Name, output.Value));
                continue;
            }
            int copy = graph.NewValue(output.Name, value.Type);
            var identity = new LoweredNode("", "Identity", [output.Value], [copy], [], Provenance.None);
            forms.Fits(identity, graph.Type, $"output \"{output.Name}\"");
            graph.Nodes.Add(identity);
            graph.Outputs.Add((output.Name, copy));
        }
    }

    private static int Count(Node node)
    {
        int count = node.Outputs.Length;
        while (count > 0 && node.Outputs[count - 1] == Node.Absent) count--;
        return count;
    }
}
