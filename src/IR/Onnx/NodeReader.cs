using System.Collections.Immutable;
using Google.Protobuf.Collections;
using Nncc.IR.Onnx.Proto;

namespace Nncc.IR.Onnx;

/// <summary>NodeProto to nodes of a <see cref="GraphEdit"/>: operands by name, today's form, opaque nodes for what is not known.</summary>
internal sealed class NodeReader
{
    private readonly ReadContext context;
    private readonly GraphReader graphs;
    private readonly FunctionCall functions;

    public NodeReader(ReadContext context, GraphReader graphs)
    {
        (this.context, this.graphs) = (context, graphs);
        functions = new FunctionCall(context, this);
    }

    /// <summary>Reads the nodes of a graph or function into the scope. The outputs are those of the graph or function.</summary>
    public void Read(RepeatedField<NodeProto> nodes, IEnumerable<string> outputs, Scope scope)
    {
        scope.Used.UnionWith(outputs);
        foreach (var node in nodes) scope.Used.UnionWith(context.Free.Uses(node));
        var order = NodeOrder.Of(nodes, scope.Values.ContainsKey, context.Free, out var circle);
        foreach (int i in order) Read(nodes[i], i, scope);
        if (circle.Count == 0) return;
        var names = circle.Take(10).Select(i => Names.Quote(nodes[i].Name.Length > 0 ? nodes[i].Name : $"{nodes[i].OpType}#{i}"));
        context.Faults.Add(FaultCodes.Cycle,
            $"nodes depend on each other in a circle: {string.Join(" -> ", names)}{(circle.Count > 10 ? " -> ..." : "")}");
        foreach (string output in nodes.SelectMany(n => n.Output))
            if (output.Length > 0 && !scope.Values.ContainsKey(output)) scope.Values[output] = GraphReader.Unknown(scope);
    }

    private void Read(NodeProto proto, int index, Scope scope)
    {
        var call = new NodeCall(proto, ReadContext.Domain(proto.Domain), Name(proto, index, scope));
        try
        {
            var operands = Operands(call, scope);
            if (context.Functions.TryGetValue((call.Domain, proto.OpType, proto.Overload), out var function))
                functions.Inline(function, call, operands, scope);
            else ReadOperator(call, operands, scope);
        }
        catch (NnccException e)
        {
            context.Faults.Add(e, call.Place);
        }
        foreach (string output in proto.Output) // after a fault
            if (output.Length > 0 && !scope.Values.ContainsKey(output) && !scope.Dropped.ContainsKey(output))
                scope.Values[output] = GraphReader.Unknown(scope);
    }

    private string Name(NodeProto proto, int index, Scope scope)
    {
        string numbered = $"{scope.Prefix}{(proto.Name.Length > 0 ? proto.Name : proto.OpType)}#{index}";
        if (proto.Name.Length == 0) return context.NodeNames.Unique(numbered);
        return context.NodeNames.Reserve(scope.Prefix + proto.Name) ? scope.Prefix + proto.Name : context.NodeNames.Unique(numbered);
    }

    private List<int> Operands(NodeCall call, Scope scope)
    {
        var operands = new List<int>(call.Proto.Input.Count);
        foreach (string name in call.Proto.Input)
        {
            if (name.Length == 0) operands.Add(Node.Absent);
            else if (scope.Values.TryGetValue(name, out int value)) operands.Add(value);
            else
            {
                context.Faults.Add(FaultCodes.Undefined, scope.Dropped.TryGetValue(name, out var whose)
                    ? $"operand {Names.Quote(name)} is {whose}, which nncc does not compute"
                        : $"operand {Names.Quote(name)} is defined nowhere", call.Place);
                operands.Add(scope.Values[name] = GraphReader.Unknown(scope));
            }
        }
        while (operands.Count > 0 && operands[^1] == Node.Absent) operands.RemoveAt(operands.Count - 1);
        return operands;
    }

    private void ReadOperator(NodeCall call, List<int> operands, Scope scope)
    {
        var resolved = OpResolver.Resolve(call, scope, context);
        if (resolved is not var (definition, schema, opset)) return;
        if (schema is not null) CheckCounts(call, schema);
        var captures = Captures.Of(FreeNames.Graphs(call.Proto), scope, context.Free);
        if (ReadAttributes(call, schema, captures, scope) is not { } attributes) return;
        int results = call.Proto.Output.Count;
        while (results > 0 && IsIdle(call, results - 1, schema, scope)) results--;
        var origin = Origin(call);
        if (definition is null)
        {
            var op = new Ops.Opaque(call.Domain, call.Proto.OpType,
                attributes.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => new Ops.NamedAttribute(a.Key, a.Value)).ToEquatable(),
                    captures.Values.Count);
            Insert(call, op, [.. operands, .. captures.Values.Select(c => c.Value)], results, [], origin, schema, scope);
            return;
        }
        var form = new OpForm(new FormScope(scope.Edit, scope.Build.Names, origin),
            call.Domain, call.Proto.OpType, operands, results);
        foreach (var (name, value) in attributes) form.Attributes[name] = value;
        definition = FormUpgrade.Apply(form, definition, opset, context.Registry);
        form.TrimInputs();
        CheckOperands(definition, form);
        if (form.OutputCount == 0) return; // nobody sees what it does
        if (definition.Attribute("captures") is not null) form.Attributes["captures"] = (long)captures.Values.Count;
        Insert(call, definition.Create(form.Attributes), [.. form.Inputs, .. captures.Values.Select(c => c.Value)], form.OutputCount,
            form.After, origin, schema, scope);
    }

    private Dictionary<string, object>? ReadAttributes(NodeCall call, OpSchema? schema, Captures captures, Scope scope)
    {
        var result = new Dictionary<string, object>(StringComparer.Ordinal);
        bool failed = false;
        foreach (var given in call.Proto.Attribute)
        {
            var proto = given;
            if (given.RefAttrName.Length > 0)
            {
                if (scope.Arguments is null)
                    context.Faults.Add(FaultCodes.Function,
                        $"attribute {Names.Quote(given.Name)} refers to one of a function, outside of a function", call.Place);
                else if (!scope.Arguments.TryGetValue(given.RefAttrName, out proto))
                    continue; // not given by the call, and without a default
                if (proto is null) continue;
            }
            // A constant may be given sparse; it is the same tensor.
            string name = call is { Domain: "", Proto.OpType: "Constant" } && given.Name == "sparse_value" ? "value" : given.Name;
            var value = context.Faults.Try(call.Place, () => context.Attributes.Read(proto, schema?.Attribute(given.Name)?.Kind,
                graph => graphs.ReadBody(graph, scope, captures, $"{call.Name}/{given.Name}")));
            if (value is null) failed = true;
            else if (!result.TryAdd(name, value))
                context.Faults.Add(FaultCodes.Attribute, $"attribute {Names.Quote(name)} is given twice", call.Place);
        }
        return failed ? null : result;
    }

    private void Insert(NodeCall call, Op op, ReadOnlySpan<int> operands, int results, Dictionary<int, Func<int, int>> after,
        Provenance origin, OpSchema? schema, Scope scope)
    {
        var build = scope.Build;
        var names = ImmutableArray.CreateBuilder<string>(results);
        for (int i = 0; i < results; i++)
        {
            string name = i < call.Proto.Output.Count && !IsIdle(call, i, schema, scope) ? call.Proto.Output[i] : "";
            names.Add(name.Length == 0 ? ""
                : after.ContainsKey(i) ? build.Names.Unique(name + "_raw")
                : scope.Prefix.Length == 0 ? name : build.Names.Unique(scope.Prefix + name));
        }
        var node = build.Edit.Insert(op, operands, origin, names.MoveToImmutable());
        for (int i = 0; i < call.Proto.Output.Count; i++)
        {
            string name = call.Proto.Output[i];
            if (name.Length == 0) continue;
            if (i >= node.Outputs.Length || node.Outputs[i] == Node.Absent)
            {
                scope.Dropped[name] = $"result {i} of {call.Place}";
                continue;
            }
            int value = node.Outputs[i];
            if (after.TryGetValue(i, out var wrap))
            {
                value = wrap(value);
                scope.Edit.Rename(value, scope.Prefix.Length == 0 ? name : build.Names.Unique(scope.Prefix + name));
            }
            Define(call, name, value, scope);
        }
    }

    // An optional result that nobody uses is not asked for: the op need not give it.
    private static bool IsIdle(NodeCall call, int result, OpSchema? schema, Scope scope) => call.Proto.Output[result] is var name
        && (name.Length == 0 || (schema?.Output(result) is { IsOptional: true } && !scope.Used.Contains(name)));

    /// <summary>Gives a name to a value, once, and lets its type meet the declared one.</summary>
    public void Define(NodeCall call, string name, int value, Scope scope)
    {
        if (!scope.Values.TryAdd(name, value))
        {
            context.Faults.Add(FaultCodes.Duplicate, $"it defines {Names.Quote(name)}, which is defined already", call.Place);
            return;
        }
        if (!scope.Declared.TryGetValue(name, out var proto)
            || TypeReader.Read(proto, name, scope.Build.DimScope + scope.Prefix) is not { } declared) return;
        scope.Edit.Refine(value, DeclaredTypes.Combine(scope.Edit[value].Type, declared, name, context.Faults, call.Place));
    }

    private Provenance Origin(NodeCall call)
    {
        if (ProvenanceText.Read(call.Proto.MetadataProps) is { } own) return own;
        return context.Origins.TryGetValue(call.Name, out var origin) ? origin : Provenance.Of(call.Name);
    }

    private static void CheckCounts(NodeCall call, OpSchema schema)
    {
        int inputs = call.Proto.Input.Count, outputs = call.Proto.Output.Count;
        if (inputs > 0 && schema.Input(inputs - 1) is null)
            throw new NnccException(FaultCodes.OperandCount,
                $"it has {inputs} operands, and {call.Proto.OpType} takes at most {schema.Inputs.Length}");
        // Before forms are changed: changes count on what must be there.
        for (int i = 0; i < schema.Inputs.Length; i++)
            if (schema.Inputs[i] is { IsOptional: false, IsVariadic: false, Name: var name }
                && (i >= inputs || call.Proto.Input[i].Length == 0))
                throw new NnccException(FaultCodes.OperandCount, $"operand {i} ({name}) is missing");
        if (outputs > 0 && schema.Output(outputs - 1) is null)
            throw new NnccException(FaultCodes.OperandCount,
                $"it has {outputs} results, and {call.Proto.OpType} gives at most {schema.Outputs.Length}");
    }

    private static void CheckOperands(OpDefinition definition, OpForm form)
    {
        for (int i = 0; i < definition.Inputs.Length; i++)
            if (definition.Inputs[i] is { IsOptional: false, IsVariadic: false, Name: var name } && !form.Has(i))
                throw new NnccException(FaultCodes.OperandCount, $"operand {i} ({name}) is missing");
        if (form.Inputs.Count > definition.Inputs.Length && definition.Inputs is not [.., { IsVariadic: true }])
            throw new NnccException(FaultCodes.OperandCount,
                $"it has {form.Inputs.Count} operands, and {definition.FullName} takes at most {definition.Inputs.Length}");
    }
}

/// <summary>A node that is being read.</summary>
/// <param name="Proto">As the file has it.</param>
/// <param name="Domain">Its domain, empty for ai.onnx.</param>
/// <param name="Name">Its name, which no other node has.</param>
internal sealed record NodeCall(NodeProto Proto, string Domain, string Name)
{
    /// <summary>The place for messages.</summary>
    public string Place => $"node {Names.Quote(Name)} ({(Domain.Length == 0 ? "" : Domain + ".")}{Proto.OpType})";
}
