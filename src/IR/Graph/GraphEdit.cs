using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Nncc.IR;

/// <summary>
/// The one way to change a graph. Opened on a graph (or on nothing), it holds nodes, values and uses; values are replaced, nodes
/// inserted, changed and erased; <see cref="Freeze"/> gives the new graph, or the very same one if nothing changed. Types are
/// inferred anew downstream of a change until they stop changing, and a change that would contradict a type is refused.
/// </summary>
public sealed partial class GraphEdit : IValueFacts
{
    private readonly Graph? original;
    private readonly List<Node?> nodes;             // by id
    private readonly List<(long At, int Sequence)> order; // by node id: where it wants to stand
    private readonly List<Value?> values;           // by id
    private readonly UseLists uses;
    private readonly Dictionary<int, List<int>> outputPlaces = []; // by value id: which outputs it gives
    private readonly List<GraphInput> inputs = [];
    private readonly List<GraphOutput> outputs = [];
    private HashSet<string>? names;                 // of values; made when the first is asked for
    private string name;
    private Stage stage;

    /// <summary>An empty graph of that name.</summary>
    public GraphEdit(string name)
    {
        (this.name, uses, ChangeCount) = (name, new UseLists(Find), 1);
        (nodes, order, values) = ([], [], []);
    }

    /// <summary>Opens a graph.</summary>
    public GraphEdit(Graph graph)
    {
        (original, name, stage) = (graph, graph.Name, graph.Stage);
        int places = 0;
        foreach (var node in graph.Nodes) places += node.Inputs.Length;
        uses = new UseLists(Find, graph.NextValue, places);
        values = new(graph.NextValue);
        values.AddRange(graph.ValuesById);
        nodes = new(graph.NextNode);
        order = new(graph.NextNode);
        CollectionsMarshal.SetCount(nodes, graph.NextNode);
        CollectionsMarshal.SetCount(order, graph.NextNode);
        for (int i = 0; i < graph.Nodes.Length; i++)
        {
            var node = graph.Nodes[i];
            nodes[node.Id] = node;
            order[node.Id] = (i, 0);
            uses.Add(node);
        }
        inputs.AddRange(graph.Inputs);
        outputs.AddRange(graph.Outputs);
        NoteOutputs();
    }

    /// <summary>Whether anything differs from the graph that was opened.</summary>
    public bool IsChanged => ChangeCount > 0;

    /// <summary>How many changes were made so far.</summary>
    public long ChangeCount { get; private set; }

    /// <summary>
    /// Hears of each node as it was (null for a new one) and as it is (null for an erased one), while the values of both are still
    /// there; null for nobody.
    /// </summary>
    public Action<Node?, Node?>? Watch { get; set; }

    /// <summary>Name of the graph.</summary>
    public string Name
    {
        get => name;
        set
        {
            if (name != value) ChangeCount++;
            name = value;
        }
    }

    /// <summary>Stage of the graph.</summary>
    public Stage Stage
    {
        get => stage;
        set
        {
            if (stage != value) ChangeCount++;
            stage = value;
        }
    }

    /// <summary>Inputs in order.</summary>
    public IReadOnlyList<GraphInput> Inputs => inputs;

    /// <summary>Outputs in order.</summary>
    public IReadOnlyList<GraphOutput> Outputs => outputs;

    /// <summary>The nodes that are there now, by ascending id.</summary>
    public IEnumerable<Node> Nodes => nodes.Where(n => n is not null)!;

    /// <summary>The value of that id.</summary>
    public Value this[int value] => values[value] ?? throw new ArgumentException($"there is no value %{value}");

    /// <summary>The node of that id, or null where it was erased.</summary>
    public Node? Find(int node) => node >= 0 && node < nodes.Count ? nodes[node] : null;

    /// <summary>The node that gives a value; null for an input.</summary>
    public Node? Producer(int value) => this[value].Producer is >= 0 and var id ? nodes[id] : null;

    /// <summary>Ids of the nodes that use a value, once for each place where they use it.</summary>
    public IReadOnlyList<int> Users(int value) => uses.Of(value);

    /// <summary>In how many operand places a value stands; quicker than counting <see cref="Users"/>.</summary>
    public int UseCount(int value) => uses.Count(value);

    /// <summary>Whether a value is an output of the graph.</summary>
    public bool IsOutput(int value) => outputPlaces.ContainsKey(value);

    /// <summary>Whether anything reads a value: a node, or the graph's caller.</summary>
    public bool IsUsed(int value) => UseCount(value) > 0 || IsOutput(value);

    /// <summary>Whether anything reads a result of a node.</summary>
    public bool IsUsed(Node node)
    {
        foreach (int output in node.Outputs)
            if (output != Node.Absent && IsUsed(output)) return true;
        return false;
    }

    /// <summary>The content of a value that a constant at hand gives; else null.</summary>
    public Tensor? Constant(int value) =>
        value != Node.Absent && Producer(value)?.Op is Ops.Constant { Value: { HasContent: true } content } ? content : null;

    /// <summary>Adds an input. A name that is taken gets a number.</summary>
    public int AddInput(string name, IrType type, Tensor? defaultContent = null)
    {
        int id = NewValue(name, type, producer: -1, inputs.Count);
        inputs.Add(new GraphInput(id, defaultContent));
        freshPrefix = null;
        return id;
    }

    /// <summary>Adds an output.</summary>
    public void AddOutput(string name, int value)
    {
        outputs.Add(new GraphOutput(name, this[value].Id));
        NoteOutput(outputs.Count - 1);
        ChangeCount++;
    }

    /// <summary>Makes these the outputs.</summary>
    public void SetOutputs(IEnumerable<GraphOutput> newOutputs)
    {
        var list = newOutputs.ToList();
        if (list.SequenceEqual(outputs)) return;
        outputs.Clear();
        outputs.AddRange(list);
        NoteOutputs();
        ChangeCount++;
    }

    /// <summary>Adds a constant; gives its value.</summary>
    public int AddConstant(Tensor tensor, string? name = null, Provenance? origin = null, Node? before = null) =>
        Insert(new Ops.Constant(tensor), [], origin ?? Provenance.None, name is null ? default : [name], before: before).Outputs[0];

    /// <summary>
    /// Adds a node. Its results get the given names (or names from the op), and the types that the op infers.
    /// </summary>
    /// <param name="op">What it does.</param>
    /// <param name="operands">Operand values, captured ones last.</param>
    /// <param name="origin">Where it comes from.</param>
    /// <param name="resultNames">Names of the results; an empty one makes that result absent. Default: one result.</param>
    /// <param name="before">The node whose place it takes in the order; default: the end.</param>
    /// <exception cref="NnccException">The op cannot take the operands.</exception>
    public Node Insert(Op op, ReadOnlySpan<int> operands, Provenance origin, ImmutableArray<string> resultNames = default,
        Node? before = null)
    {
        var names = resultNames.IsDefault ? [op.Name.ToLowerInvariant()] : resultNames;
        int id = nodes.Count;
        var draft = new Node(id, op, [.. operands], [], origin);
        var context = Infer(draft, names.Length, out var types);
        var results = ImmutableArray.CreateBuilder<int>(names.Length);
        for (int i = 0; i < names.Length; i++)
            results.Add(names[i].Length == 0 ? Node.Absent
                : NewValue(names[i], i < types.Length ? types[i] : IrType.Unknown, id, i, Known(context, i, types)));
        var node = draft with { Outputs = results.MoveToImmutable() };
        nodes.Add(node);
        order.Add(before is null ? (long.MaxValue, id) : (order[before.Id].At, id - int.MaxValue));
        uses.Add(node);
        ChangeCount++;
        Watch?.Invoke(null, node);
        return node;
    }

    /// <summary>
    /// All uses of a value, and outputs that it gives, become uses of another. The other's type must not contradict the old one;
    /// types downstream are inferred anew where it says more.
    /// </summary>
    public void ReplaceValue(int old, int replacement)
    {
        if (old == replacement) return;
        CheckType(this[old], this[replacement].Type);
        int[] movers = [.. Users(old).Distinct()];
        foreach (int id in movers)
        {
            var node = nodes[id]!;
            nodes[id] = node with { Inputs = [.. node.Inputs.Select(i => i == old ? replacement : i)] };
            Watch?.Invoke(node, nodes[id]);
        }
        uses.Move(old, replacement);
        if (outputPlaces.Remove(old, out var places))
            foreach (int place in places)
            {
                outputs[place] = outputs[place] with { Value = replacement };
                NoteOutput(place);
            }
        ChangeCount++;
        if (!this[old].Type.Equals(this[replacement].Type) || !AreSame(this[old].Known, this[replacement].Known)
            || Constant(replacement) is not null)
            Reinfer(movers);
    }

    /// <summary>Gives a node another op or other operands; the node keeps its id and results, whose types are inferred anew.</summary>
    public Node Change(Node node, Op op, ReadOnlySpan<int> operands, Provenance? origin = null)
    {
        var replaced = node with { Op = op, Inputs = [.. operands], Origin = origin ?? node.Origin };
        Rewire(node, replaced);
        ChangeCount++;
        Reinfer([node.Id]);
        return replaced;
    }

    /// <summary>Says anew where a node comes from.</summary>
    public void SetOrigin(Node node, Provenance origin)
    {
        if (node.Origin.Equals(origin)) return;
        nodes[node.Id] = node with { Origin = origin };
        ChangeCount++;
    }

    /// <summary>Takes a node out whose results nobody uses.</summary>
    public void Erase(Node node)
    {
        foreach (int output in node.GivenOutputs)
            if (IsUsed(output))
                throw new InvalidOperationException($"{node.Place} is erased while %{output} is used");
        Watch?.Invoke(node, null);
        uses.Remove(node);
        nodes[node.Id] = null;
        foreach (int output in node.GivenOutputs)
        {
            names?.Remove(this[output].Name);
            values[output] = null;
        }
        ChangeCount++;
    }

    /// <summary>Makes a result absent that nobody uses.</summary>
    public Node DropResult(Node node, int slot)
    {
        int value = node.Outputs[slot];
        if (IsUsed(value)) throw new InvalidOperationException($"%{value} is dropped while it is used");
        var replaced = node with { Outputs = node.Outputs.SetItem(slot, Node.Absent) };
        Watch?.Invoke(node, replaced);
        names?.Remove(this[value].Name);
        values[value] = null;
        nodes[node.Id] = replaced;
        ChangeCount++;
        return replaced;
    }

    /// <summary>Takes a result out that nobody uses and gives the node an op that has only the others.</summary>
    public Node RemoveResult(Node node, int slot, Op op)
    {
        int value = node.Outputs[slot];
        if (value != Node.Absent && IsUsed(value)) throw new InvalidOperationException($"%{value} is removed while it is used");
        var replaced = node with { Op = op, Outputs = node.Outputs.RemoveAt(slot) };
        Watch?.Invoke(node, replaced);
        if (value != Node.Absent)
        {
            names?.Remove(this[value].Name);
            values[value] = null;
        }
        for (int i = slot; i < replaced.Outputs.Length; i++)
            if (replaced.Outputs[i] is not Node.Absent and var moved) values[moved] = this[moved] with { Slot = i };
        nodes[node.Id] = replaced;
        ChangeCount++;
        return replaced;
    }

    /// <summary>Takes an input out that nobody uses.</summary>
    public void RemoveInput(int value)
    {
        if (IsUsed(value)) throw new InvalidOperationException($"input %{value} is removed while it is used");
        inputs.RemoveAll(i => i.Value == value);
        names?.Remove(this[value].Name);
        values[value] = null;
        for (int i = 0; i < inputs.Count; i++) values[inputs[i].Value] = this[inputs[i].Value] with { Slot = i };
        ChangeCount++;
    }

    /// <summary>Says more about a value's type (a shape given by the user, a symbol bound); inferred anew downstream.</summary>
    public void Refine(int value, IrType type)
    {
        var old = this[value];
        if (old.Type.Equals(type)) return;
        CheckType(old, type);
        values[value] = old with { Type = type };
        if (old.IsInput) freshPrefix = null;
        ChangeCount++;
        Reinfer(Users(value));
    }

    /// <summary>Sets the layout of a value.</summary>
    public void SetLayout(int value, Layout? layout)
    {
        if (Equals(this[value].Layout, layout)) return;
        values[value] = this[value] with { Layout = layout };
        ChangeCount++;
    }

    /// <summary>Gives a value another name; a taken one gets a number.</summary>
    public void Rename(int value, string newName)
    {
        if (this[value].Name == newName) return;
        Taken().Remove(this[value].Name);
        values[value] = this[value] with { Name = Unique(newName) };
        ChangeCount++;
    }

    /// <summary>A name that no value has yet.</summary>
    public string UniqueName(string wanted)
    {
        string unique = Unique(wanted);
        Taken().Remove(unique);
        return unique;
    }

    /// <summary>The graph as it is now. Unchanged nodes keep their ids and their order.</summary>
    /// <exception cref="NnccException">The nodes form a cycle.</exception>
    public Graph Freeze()
    {
        if (!IsChanged) return original!;
        var sorted = TopologicalOrder.Sort(nodes, order, value => this[value].Producer);
        return new Graph(name, stage, [.. inputs], [.. outputs], sorted, [.. values], nodes.Count);
    }

    private int NewValue(string wanted, IrType type, int producer, int slot, ImmutableArray<Dim>? known = null)
    {
        int id = values.Count;
        string unique = Unique(wanted);
        values.Add(new Value(id, unique, type, producer, slot) { Known = known });
        uses.Grow(values.Count);
        ChangeCount++;
        return id;
    }

    private readonly Dictionary<string, int> suffixes = new(StringComparer.Ordinal);

    private HashSet<string> Taken()
    {
        if (names is not null) return names;
        names = new(values.Count, StringComparer.Ordinal);
        foreach (var value in values)
            if (value is not null) names.Add(value.Name);
        return names;
    }

    private string Unique(string wanted)
    {
        var names = Taken();
        if (names.Add(wanted)) return wanted;
        int number = suffixes.GetValueOrDefault(wanted);
        string candidate;
        do candidate = $"{wanted}_{++number}";
        while (!names.Add(candidate));
        suffixes[wanted] = number;
        return candidate;
    }

    private void NoteOutputs()
    {
        outputPlaces.Clear();
        for (int i = 0; i < outputs.Count; i++) NoteOutput(i);
    }

    private void NoteOutput(int place)
    {
        if (!outputPlaces.TryGetValue(outputs[place].Value, out var places)) outputPlaces[outputs[place].Value] = places = new List<int>(1);
        places.Add(place);
    }

    private void Rewire(Node old, Node replaced)
    {
        uses.Remove(old);
        nodes[old.Id] = replaced;
        uses.Add(replaced);
        Watch?.Invoke(old, replaced);
    }
}
