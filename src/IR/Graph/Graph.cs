using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Nncc.IR;

/// <summary>
/// An immutable dataflow graph: nodes in topological order, values, inputs and outputs. Closed: it uses no value from outside.
/// Change it through <see cref="GraphEdit"/>.
/// </summary>
public sealed class Graph : IEquatable<Graph>
{
    /// <summary>How deep bodies of control flow may lie in bodies.</summary>
    public const int NestingLimit = 64;

    private readonly Value?[] values;
    private readonly int[] positions;
    private ImmutableArray<int>[]? users;

    internal Graph(string name, Stage stage, ImmutableArray<GraphInput> inputs, ImmutableArray<GraphOutput> outputs,
        ImmutableArray<Node> nodes, Value?[] values, int nextNode)
    {
        (Name, Stage, Inputs, Outputs, Nodes, this.values, NextNode) = (name, stage, inputs, outputs, nodes, values, nextNode);
        positions = new int[nextNode];
        Array.Fill(positions, -1);
        for (int i = 0; i < nodes.Length; i++) positions[nodes[i].Id] = i;
    }

    /// <summary>Name of the graph.</summary>
    public string Name { get; }

    /// <summary>How far it is lowered.</summary>
    public Stage Stage { get; }

    /// <summary>Inputs in order. For a body, the captured values are the last ones.</summary>
    public ImmutableArray<GraphInput> Inputs { get; }

    /// <summary>Outputs in order.</summary>
    public ImmutableArray<GraphOutput> Outputs { get; }

    /// <summary>Nodes; each after the producers of its operands.</summary>
    public ImmutableArray<Node> Nodes { get; }

    /// <summary>The next unused node id.</summary>
    public int NextNode { get; }

    /// <summary>The next unused value id.</summary>
    public int NextValue => values.Length;

    /// <summary>All values, by ascending id.</summary>
    public IEnumerable<Value> Values => values.Where(v => v is not null)!;

    /// <summary>The value of that id.</summary>
    public Value this[int value] => values[value] ?? throw new ArgumentException($"the graph has no value %{value}");

    /// <summary>The type of a value; null for <see cref="Node.Absent"/>.</summary>
    public IrType? Type(int value) => value == Node.Absent ? null : this[value].Type;

    /// <summary>The node that gives a value; null for an input.</summary>
    public Node? Producer(int value) => this[value].Producer is >= 0 and var id ? Nodes[positions[id]] : null;

    /// <summary>The node of that id, or null.</summary>
    public Node? Find(int node) => node >= 0 && node < positions.Length && positions[node] is >= 0 and var at ? Nodes[at] : null;

    /// <summary>Place of a node in <see cref="Nodes"/>.</summary>
    public int Position(Node node) => positions[node.Id];

    /// <summary>Ids of the nodes that use a value, each once, in topological order.</summary>
    public ImmutableArray<int> Users(int value) => (users ??= FindUsers())[value].IsDefault ? [] : users[value];

    /// <summary>The content of a value that a <see cref="Ops.Constant"/> gives.</summary>
    public bool TryConstant(int value, [NotNullWhen(true)] out Tensor? tensor)
    {
        tensor = value == Node.Absent ? null : (Producer(value)?.Op as Ops.Constant)?.Value;
        return tensor is not null;
    }

    /// <summary>Types of a node's operands and results, for <see cref="Op.Measure"/>.</summary>
    public MeasureContext MeasureContext(Node node) => new([.. node.Inputs.Select(Type)], [.. node.GivenOutputs.Select(o => this[o].Type)]);

    /// <summary>The same graph under another name or stage.</summary>
    public Graph With(string? name = null, Stage? stage = null) => (name ?? Name) == Name && (stage ?? Stage) == Stage ? this
        : new Graph(name ?? Name, stage ?? Stage, Inputs, Outputs, Nodes, values, NextNode);

    /// <summary>
    /// Same structure: inputs, nodes and outputs correspond in order, with equal ops and types. Names of inner values, ids, origins and the
    /// places of constants do not matter.
    /// </summary>
    public bool Equals(Graph? other) => other is not null && (ReferenceEquals(this, other) || GraphComparer.AreEqual(this, other));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Graph);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Inputs.Length, Outputs.Length);

    internal ReadOnlySpan<Value?> ValuesById => values;

    // The ops under which a check of this graph found nothing: a graph never changes, so that it need not be checked again.
    internal OpRegistry? VerifiedBy { get; set; }

    private ImmutableArray<int>[] FindUsers()
    {
        var lists = new ImmutableArray<int>.Builder?[values.Length];
        foreach (var node in Nodes)
            foreach (int input in node.GivenInputs)
            {
                var list = lists[input] ??= ImmutableArray.CreateBuilder<int>(1);
                if (list.Count == 0 || list[^1] != node.Id) list.Add(node.Id);
            }
        return [.. lists.Select(list => list?.ToImmutable() ?? [])];
    }
}
