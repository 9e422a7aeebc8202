using System.Collections.Immutable;
using Nncc.IR.Ops;

namespace Nncc.IR.Text;

/// <summary>Reads one graph between its braces, statement by statement; a statement with a fault is skipped.</summary>
internal sealed class GraphReader(ParseSession session, Stage outer, int depth)
{
    private readonly Cursor cursor = session.Cursor;
    private readonly Dictionary<int, Value> values = [];
    private readonly Dictionary<int, Tensor> constants = [];
    private readonly HashSet<int> suspects = []; // defined by statements that could not be read
    private readonly HashSet<int> nodeIds = [];
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly ImmutableArray<GraphInput>.Builder inputs = ImmutableArray.CreateBuilder<GraphInput>();
    private readonly ImmutableArray<GraphOutput>.Builder outputs = ImmutableArray.CreateBuilder<GraphOutput>();
    private readonly ImmutableArray<Node>.Builder nodes = ImmutableArray.CreateBuilder<Node>();
    private string? freshPrefix;
    private int nextNode, nextValue, expectedNode;

    /// <summary>Reads <c>graph "name" stage=canonical { ... }</c>.</summary>
    public Graph Read()
    {
        int start = cursor.At;
        if (depth > Graph.NestingLimit) throw new TextFault(start, $"graphs are nested more than {Graph.NestingLimit} deep");
        cursor.ExpectWord("graph");
        string name = cursor.String("the name of the graph");
        var stage = cursor.AcceptWord("stage") ? ReadStage() : outer;
        if (cursor.AcceptWord("next"))
        {
            cursor.Expect('=');
            cursor.Expect('%');
            nextValue = cursor.Id();
            cursor.Expect(',');
            cursor.Expect('#');
            nextNode = cursor.Id();
        }
        cursor.Expect('{');
        while (!session.IsHopeless && !cursor.Accept('}')) ReadStatement(stage);
        foreach (int id in values.Keys) nextValue = Math.Max(nextValue, id + 1);
        session.Spend(nextValue, start);
        session.Spend(nextNode, start);
        var table = new Value?[nextValue];
        foreach (var value in values.Values) table[value.Id] = value;
        return new Graph(name, stage, inputs.ToImmutable(), outputs.ToImmutable(), nodes.ToImmutable(), table, nextNode);
    }

    private Stage ReadStage()
    {
        cursor.Expect('=');
        int start = cursor.At;
        string word = cursor.Word("a stage");
        foreach (var stage in Enum.GetValues<Stage>())
            if (stage.ToString().Equals(word, StringComparison.OrdinalIgnoreCase)) return stage;
        throw new TextFault(start, $"{word} is no stage", $"stages are {string.Join(", ", Enum.GetNames<Stage>()).ToLowerInvariant()}");
    }

    private void ReadStatement(Stage stage)
    {
        int start = cursor.At;
        try
        {
            if (cursor.IsAtEnd) throw cursor.Unexpected("'}'");
            if (cursor.AcceptWord("input")) ReadInput();
            else if (cursor.AcceptWord("output")) ReadOutput();
            else if (cursor.Next is '%' or '#' or '_' or '(') ReadNode(stage);
            else throw cursor.Unexpected("input, output, a node or '}'");
        }
        catch (TextFault fault) when (!cursor.IsAtEnd)
        {
            session.Add(fault);
            cursor.SkipStatement(start);
        }
    }

    private void ReadInput()
    {
        cursor.Expect('%');
        int start = cursor.At, id = cursor.Id();
        suspects.Add(id);
        var (name, type, known, layout) = ReadDescription(id, session.Symbol);
        if (type is null) throw cursor.Unexpected("the type of the input");
        Tensor? content = cursor.Accept('=') ? new AttributeReader(session, depth, Stage.Imported).ReadTensor() : null;
        Define(new Value(id, name, type, -1, inputs.Count) { Known = known, Layout = layout }, start);
        inputs.Add(new GraphInput(id, content));
        freshPrefix = null;
    }

    private void ReadOutput()
    {
        string name = cursor.String("the name of the output");
        cursor.Expect('%');
        int start = cursor.At, id = cursor.Id();
        if (values.ContainsKey(id)) outputs.Add(new GraphOutput(name, id));
        else Undefined(id, start);
    }

    // #12 %7, _ = Conv(%0, %4; strides=[2,2]) "conv1_out" f32[1x64x111x111], ... @"conv1" by "fold-x"
    private void ReadNode(Stage stage)
    {
        int start = cursor.At;
        int nodeId = cursor.Accept('#') ? cursor.Id() : expectedNode;
        expectedNode = nodeId + 1;
        var results = cursor.Accept('(') ? NoResults() : ReadIds(isDefinition: true);
        foreach (int result in results) suspects.Add(result);
        cursor.Expect('=');
        int opStart = cursor.At;
        var (op, operands) = ReadOp(stage, opStart);
        var descriptions = ReadDescriptions(results);
        var origin = new Provenance(cursor.Accept('@') ? ReadNames() : [], cursor.AcceptWord("by") ? ReadNames() : []);
        if (!nodeIds.Add(nodeId)) throw new TextFault(start, $"node #{nodeId} is defined twice");
        if (op is null || operands.Any(o => o != Node.Absent && !values.ContainsKey(o))) return; // said already
        var node = new Node(nodeId, op, operands, results, origin);
        nextNode = Math.Max(nextNode, nodeId + 1);
        DefineResults(node, descriptions, start, opStart);
        nodes.Add(node);
    }

    private ImmutableArray<int> NoResults()
    {
        cursor.Expect(')');
        return [];
    }

    private (Op? Op, ImmutableArray<int> Operands) ReadOp(Stage stage, int start)
    {
        var reader = new AttributeReader(session, depth, stage);
        bool isOpaque = cursor.PeekWord().SequenceEqual("opaque");
        int captures = 0;
        string domain = "", name = cursor.Word("the name of an op");
        if (isOpaque)
        {
            if (cursor.Accept('<'))
            {
                captures = cursor.Id();
                cursor.Expect('>');
            }
            domain = cursor.String("the domain of the op");
            name = cursor.String("the name of the op");
        }
        else if (name.LastIndexOf('.') is var dot and >= 0) (domain, name) = (name[..dot], name[(dot + 1)..]);
        var definition = isOpaque ? null : session.Ops.Find(domain, name);
        cursor.Expect('(');
        var operands = cursor.Next is '%' or '_' ? ReadIds(isDefinition: false) : [];
        var attributes = new List<NamedAttribute>();
        if (cursor.Next != ')' && (operands.IsEmpty | cursor.Accept(';'))) attributes = reader.ReadAll(definition);
        cursor.Expect(')');
        if (isOpaque) return (new Ops.Opaque(domain, name, attributes.ToEquatable(), captures), operands);
        if (definition is null || definition.IsLegacy)
        {
            session.Add(FaultCodes.Text, start, $"{(domain.Length == 0 ? name : $"{domain}.{name}")} is no op that is known here",
                Nearest(domain, name));
            return (null, operands);
        }
        try
        {
            return (definition.Create(attributes.ToDictionary(a => a.Name, a => a.Value)), operands);
        }
        catch (NnccException e)
        {
            foreach (var fault in e.Faults) session.Add(fault.Code, start, fault.Message, fault.Advice);
            return (null, operands);
        }
    }

    private string Nearest(string domain, string name) =>
        session.Ops.Definitions.FirstOrDefault(d =>
            !d.IsLegacy && string.Equals(d.Name, name, StringComparison.OrdinalIgnoreCase)) is { } near
            ? $"did you mean {near.FullName}?" : $"an unknown op is written opaque \"{domain}\" \"{name}\"(...)";

    private List<(string Name, IrType? Type, ImmutableArray<Dim>? Known, Layout? Layout)> ReadDescriptions(ImmutableArray<int> results)
    {
        var list = new List<(string, IrType?, ImmutableArray<Dim>?, Layout?)>();
        foreach (int result in results.Where(r => r != Node.Absent))
        {
            if (list.Count == 0 && cursor.Next != '"') break; // all left out: names are made, types inferred
            if (list.Count > 0) cursor.Expect(',');
            list.Add(ReadDescription(result, session.Symbol));
        }
        return list;
    }

    private (string Name, IrType? Type, ImmutableArray<Dim>? Known, Layout? Layout) ReadDescription(int id, Func<string, Dim> symbol)
    {
        string name = cursor.String($"the name of %{id}");
        IrType? type = IsTypeNext() ? cursor.Type(symbol) : null;
        ImmutableArray<Dim>? known = null;
        if (cursor.AfterWord() == '[' && cursor.AcceptWord("known")) known = ReadKnown(symbol);
        Layout? layout = cursor.AfterWord() == '(' && cursor.AcceptWord("layout") ? ReadLayout() : null;
        return (name, type, known, layout);
    }

    private bool IsTypeNext()
    {
        if (cursor.Next == '?') return true;
        var word = cursor.PeekWord();
        return cursor.AfterWord() switch
        {
            '[' => DTypes.Parse(word) is not null,
            '(' => word is "seq" or "optional" or "map",
            _ => word is "unknown",
        };
    }

    private ImmutableArray<Dim> ReadKnown(Func<string, Dim> symbol)
    {
        var dims = ImmutableArray.CreateBuilder<Dim>();
        cursor.Expect('[');
        if (!cursor.Accept(']'))
        {
            do dims.Add(cursor.Size(symbol));
            while (cursor.Accept(','));
            cursor.Expect(']');
        }
        return dims.ToImmutable();
    }

    // layout(order=[0,2,3,1], axis=1, block=16, halo=[0,0,0,0,1,1,1,1])
    private Layout ReadLayout()
    {
        int start = cursor.At;
        cursor.Expect('(');
        var parts = new AttributeReader(session, depth, outer).ReadAll(null).ToDictionary(a => a.Name, a => a.Value);
        cursor.Expect(')');
        return parts.Count == 4 && List("order") is { } order && parts.GetValueOrDefault("axis") is long axis
            && parts.GetValueOrDefault("block") is long block && List("halo") is { } halo
            && axis is >= -1 and < int.MaxValue && block is >= 1 and < int.MaxValue
            ? new Layout(order, (int)axis, (int)block, halo)
            : throw new TextFault(start, "a layout has order, axis, block and halo");

        EquatableArray<long>? List(string name) => parts.GetValueOrDefault(name) switch
        {
            EquatableArray<long> list => list,
            object[] => [],
            _ => null,
        };
    }

    private EquatableArray<string> ReadNames()
    {
        var list = new List<string>();
        do list.Add(cursor.String("a name"));
        while (cursor.Accept(','));
        return list.ToEquatable();
    }

    private ImmutableArray<int> ReadIds(bool isDefinition)
    {
        var ids = ImmutableArray.CreateBuilder<int>();
        do
        {
            if (cursor.Accept('_'))
            {
                ids.Add(Node.Absent);
                continue;
            }
            cursor.Expect('%');
            int start = cursor.At, id = cursor.Id();
            ids.Add(id);
            if (!isDefinition && !values.ContainsKey(id)) Undefined(id, start);
        }
        while (cursor.Accept(','));
        return ids.ToImmutable();
    }

    private void Undefined(int id, int offset)
    {
        if (!suspects.Contains(id))
            session.Add(FaultCodes.Text, offset, $"%{id} is not defined above", "nodes stand behind those whose results they use");
    }

    private void DefineResults(
        Node node, List<(string Name, IrType? Type, ImmutableArray<Dim>? Known, Layout? Layout)> descriptions, int start, int opStart)
    {
        if (node.Op is Ops.Constant constant && node.Outputs is [not Node.Absent]) constants[node.Outputs[0]] = constant.Value;
        InferContext? context = null;
        ImmutableArray<IrType> inferred = [];
        if (node.Op is Ops.Constant || descriptions.Any(d => d.Type is null) || descriptions.Count == 0)
            inferred = Infer(node, opStart, out context);
        int next = 0;
        for (int i = 0; i < node.Outputs.Length; i++)
        {
            if (node.Outputs[i] == Node.Absent) continue;
            var (name, type, known, layout) = descriptions.Count == 0 ? ($"v{node.Outputs[i]}", null, null, null) : descriptions[next++];
            var fromOp = i < inferred.Length ? inferred[i] : IrType.Unknown;
            if ((type is null || node.Op is Ops.Constant) && fromOp is TensorType { Shape.Rank: <= 1 }) known ??= context?.KnownResult(i);
            Define(new Value(node.Outputs[i], name, type ?? fromOp, node.Id, i) { Known = known, Layout = layout }, start);
        }
    }

    private ImmutableArray<IrType> Infer(Node node, int offset, out InferContext? context)
    {
        freshPrefix ??= FreshSymbols.Prefix(inputs.Select(i => values[i.Value].Type));
        context = new InferContext([.. node.Inputs.Select(i => i == Node.Absent ? null : values[i].Type)], node.Outputs.Length,
            $"{freshPrefix}{node.Id}",
            index => constants.GetValueOrDefault(node.Inputs[index]), index => values[node.Inputs[index]].Known);
        try
        {
            return context.Run(node);
        }
        catch (NnccException e)
        {
            foreach (var fault in e.Faults) session.Add(fault.Code, offset, fault.Message, fault.Advice);
            context = null;
            return [];
        }
    }

    private void Define(Value value, int offset)
    {
        if (!values.TryAdd(value.Id, value)) throw new TextFault(offset, $"%{value.Id} is defined twice");
        if (!names.Add(value.Name)) throw new TextFault(offset, $"two values have the name \"{value.Name}\"");
    }
}
