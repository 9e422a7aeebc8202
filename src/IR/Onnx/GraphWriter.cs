using Nncc.IR.Onnx.Proto;

namespace Nncc.IR.Onnx;

/// <summary>
/// Lowered graphs to GraphProto. Values and nodes keep their names where they can: inputs and outputs of the model always, others
/// unless a name would stand twice in the model, nested graphs included.
/// </summary>
/// <param name="tensors">Writes tensors.</param>
/// <param name="ir">The IR version.</param>
internal sealed class GraphWriter(TensorWriter tensors, int ir)
{
    private readonly Names valueNames = new();
    private readonly Names nodeNames = new();
    private readonly Dictionary<LoweredGraph, Dictionary<int, string>> names = [];

    /// <summary>The domains of all nodes.</summary>
    public SortedSet<string> Domains { get; } = new(StringComparer.Ordinal);

    /// <summary>Origins of nodes that have no metadata of their own in this IR version, in order.</summary>
    public List<KeyValuePair<string, Provenance>> Origins { get; } = [];

    /// <summary>The message of the model's graph or, from there, of a body.</summary>
    public GraphProto Write(LoweredGraph graph)
    {
        NameValues(graph);
        var proto = new GraphProto { Name = graph.Source.Name.Length > 0 ? graph.Source.Name : "graph" };
        foreach (var (value, tensor) in graph.Constants) proto.Initializer.Add(tensors.Write(tensor, Name(graph, value)));
        foreach (var input in graph.Inputs)
        {
            proto.Input.Add(Info(graph, input.Value, Name(graph, input.Value)));
            if (input.Default is { } tensor) proto.Initializer.Add(tensors.Write(tensor, Name(graph, input.Value)));
        }
        var outputs = graph.Outputs.Select(o => o.Value).ToHashSet();
        foreach (var node in graph.Nodes)
        {
            proto.Node.Add(Write(node, graph));
            // Runtimes infer most types; within bodies only those are written that nobody could.
            bool isKnownOp = node.Domain.Length == 0;
            foreach (int value in node.Outputs)
                if (value != Node.Absent && !outputs.Contains(value) && (graph.Outer is null || !isKnownOp)
                    && Info(graph, value, Name(graph, value)) is { Type: not null } info)
                    proto.ValueInfo.Add(info);
        }
        foreach (var (_, value) in graph.Outputs) proto.Output.Add(Info(graph, value, Name(graph, value)));
        return proto;
    }

    private NodeProto Write(LoweredNode node, LoweredGraph graph)
    {
        string wanted = node.Origin.Nodes.IsEmpty ? node.Name : node.Origin.Nodes[0];
        var proto = new NodeProto { Name = nodeNames.Unique(wanted), OpType = node.Name, Domain = node.Domain };
        Domains.Add(node.Domain);
        foreach (int input in node.Inputs) proto.Input.Add(Name(graph, input));
        foreach (int output in node.Outputs) proto.Output.Add(Name(graph, output));
        foreach (var (name, value) in node.Attributes) proto.Attribute.Add(AttributeWriter.Write(name, value, tensors, Write));
        bool isPlain = node.Origin.Steps.IsEmpty && (node.Origin.Nodes.IsEmpty
            || (node.Origin.Nodes.Count == 1 && node.Origin.Nodes[0] == proto.Name));
        if (isPlain) return proto;
        if (ir >= 10)
            proto.MetadataProps.Add(new StringStringEntryProto { Key = ProvenanceText.NodeKey, Value = ProvenanceText.Write(node.Origin) });
        else Origins.Add(new(proto.Name, node.Origin));
        return proto;
    }

    private void NameValues(LoweredGraph graph)
    {
        var map = names[graph] = new Dictionary<int, string> { [Node.Absent] = "" };
        foreach (var (here, around) in graph.Captures) map[here] = Name(graph.Outer!, around);
        foreach (var input in graph.Inputs)
            map[input.Value] = graph.Outer is null ? Fixed(graph.Edit[input.Value].Name) : valueNames.Unique(graph.Edit[input.Value].Name);
        foreach (var (name, value) in graph.Outputs)
            if (!map.ContainsKey(value)) map[value] = graph.Outer is null ? Fixed(name) : valueNames.Unique(name);
        foreach (var (value, _) in graph.Constants) Add(value);
        foreach (var node in graph.Nodes)
            foreach (int output in node.Outputs) Add(output);

        void Add(int value)
        {
            if (!map.ContainsKey(value)) map[value] = valueNames.Unique(graph.Edit[value].Name);
        }
    }

    private string Fixed(string name) => valueNames.Reserve(name) ? name
        : throw new NnccException(FaultCodes.Duplicate, $"two inputs or outputs of the model are called {Names.Quote(name)}");

    private string Name(LoweredGraph graph, int value) => names[graph][value];

    private static ValueInfoProto Info(LoweredGraph graph, int value, string name) =>
        new() { Name = name, Type = TypeReader.Write(graph.Edit[value].Type) };
}
