namespace Nncc.IR.Onnx;

/// <summary>A node in the form of the opset that is written.</summary>
/// <param name="Domain">Domain, empty for ai.onnx.</param>
/// <param name="Name">Name of the operator.</param>
/// <param name="Inputs">Operand values; captured ones are not among them.</param>
/// <param name="Outputs">Result values.</param>
/// <param name="Attributes">Attributes in neutral form, ordered by name; a body is a <see cref="LoweredGraph"/>.</param>
/// <param name="Origin">Where it comes from.</param>
internal sealed record LoweredNode(
    string Domain, string Name, List<int> Inputs, List<int> Outputs, IReadOnlyList<KeyValuePair<string, object>> Attributes,
        Provenance Origin);

/// <summary>A graph whose nodes are in the form of the opset that is written. Values are those of <see cref="Edit"/>.</summary>
/// <param name="source">The graph.</param>
/// <param name="outer">The graph around a body; null for the model's.</param>
/// <param name="captures">For a body: what the values of its last inputs are in the graph around it.</param>
internal sealed class LoweredGraph(Graph source, LoweredGraph? outer, IReadOnlyDictionary<int, int> captures)
{
    /// <summary>The graph as it is in the IR.</summary>
    public Graph Source => source;

    /// <summary>The graph around a body; null for the model's.</summary>
    public LoweredGraph? Outer => outer;

    /// <summary>For a body: captured values by the input that holds them here.</summary>
    public IReadOnlyDictionary<int, int> Captures => captures;

    /// <summary>Types and names of values, those that lowering adds included. It is never frozen.</summary>
    public GraphEdit Edit { get; } = new(source);

    /// <summary>Names of values within this graph, for what lowering adds.</summary>
    public Names Names { get; } = NamesOf(source);

    /// <summary>Constants: they become initializers.</summary>
    public List<(int Value, Tensor Tensor)> Constants { get; } = [];

    /// <summary>Nodes in order.</summary>
    public List<LoweredNode> Nodes { get; } = [];

    /// <summary>Output values in order; each is given by a node of this graph, or is an input of the same name.</summary>
    public List<(string Name, int Value)> Outputs { get; } = [];

    /// <summary>The inputs that are written: a body's captured ones are not.</summary>
    public IEnumerable<GraphInput> Inputs => source.Inputs.Where(input => !captures.ContainsKey(input.Value));

    /// <summary>The type of a value; null for an absent one.</summary>
    public IrType? Type(int value) => value == Node.Absent ? null : Edit[value].Type;

    /// <summary>Content of a value that is constant, here or where it is captured from.</summary>
    public Tensor? Constant(int value) => Edit.Constant(value)
        ?? (captures.TryGetValue(value, out int from) ? outer!.Constant(from) : null);

    /// <summary>A new value of that type, which a node is about to give.</summary>
    public int NewValue(string name, IrType type) => Edit.AddInput(Names.Unique(name), type);

    private static Names NamesOf(Graph graph)
    {
        var names = new Names();
        foreach (var value in graph.Values) names.Reserve(value.Name);
        return names;
    }
}
