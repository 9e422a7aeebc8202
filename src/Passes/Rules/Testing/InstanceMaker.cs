using System.Collections.Immutable;
using Nncc.IR.Ops;

namespace Nncc.Passes.Rules.Testing;

/// <summary>A graph that a rule's pattern may fit, with contents for its inputs.</summary>
/// <param name="Graph">The graph; its outputs are the results of the pattern.</param>
/// <param name="Root">The node that the pattern starts from.</param>
/// <param name="Inputs">Contents of the inputs.</param>
internal sealed record RuleInstance(Graph Graph, int Root, ImmutableArray<Datum?> Inputs);

/// <summary>
/// Builds the pattern of a rule as a graph: operands first, then attributes that fit the first operand, then the operands that depend on
/// these. What an op refuses makes the try fail.
/// </summary>
internal sealed class InstanceMaker
{
    private readonly Rule rule;
    private readonly OpRegistry ops;
    private readonly Random random;
    private readonly OperandSuggestions operands;
    private readonly AttributeSuggestions attributes;
    private readonly InstanceData data;
    private readonly DType dtype;
    private readonly HashSet<string> constants;
    private readonly IReadOnlyDictionary<string, Term> example;
    private readonly bool foreseesTypes;
    private readonly bool isSymbolic;
    private readonly GraphEdit edit;
    private readonly Dictionary<string, int> values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, object?> chosen = new(StringComparer.Ordinal);
    private readonly Dictionary<int, Tensor> contents = [];

    private InstanceMaker(Rule rule, OpRegistry ops, Random random, DType dtype, int most)
    {
        (this.rule, this.ops, this.random, this.dtype) = (rule, ops, random, dtype);
        edit = new GraphEdit(rule.Name);
        operands = new OperandSuggestions(random, most);
        attributes = new AttributeSuggestions(random);
        data = new InstanceData(random, hasSpecials: rule.Law == RuleLaw.Exact && random.Next(2) == 0);
        constants = [.. rule.Where.OfType<CallTerm>().Where(c => c.Function == "constant").SelectMany(c => c.Arguments).OfType<NameTerm>()
            .Select(n => n.Name)];
        foreseesTypes = rule.Where.OfType<CallTerm>().Any(c => c.Function is "same-type" or "same-shape");
        isSymbolic = random.Next(8) == 0;
        var examples = rule.Examples;
        example = examples.IsEmpty ? new Dictionary<string, Term>()
            : examples[random.Next(examples.Length)].ToDictionary(e => e.Name, e => e.Value);
        operands.Common = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => operands.Size())];
    }

    /// <summary>One try; null where an op refused what was chosen.</summary>
    public static RuleInstance? Try(Rule rule, OpRegistry ops, Random random, DType dtype, int most) =>
        new InstanceMaker(rule, ops, random, dtype, most).Make();

    private RuleInstance? Make()
    {
        try
        {
            var root = Build(rule.Match, isRoot: true);
            foreach (int output in root.GivenOutputs) edit.AddOutput($"result {edit.Outputs.Count}", output);
            // Sometimes an inner value is used elsewhere too.
            if (random.Next(6) == 0 && edit.Nodes.FirstOrDefault(n => n.Op is not Constant && n.Id != root.Id) is { } inner)
                edit.AddOutput("inner", inner.Outputs[0]);
            var graph = edit.Freeze();
            return new RuleInstance(graph, root.Id, [.. graph.Inputs.Select(i => (Datum?)contents[i.Value])]);
        }
        catch (NnccException)
        {
            return null;
        }
        catch (Exception e) when (e is IndexOutOfRangeException or ArgumentOutOfRangeException)
        {
            // A suggestion looked at an axis that the operand does not have.
            return null;
        }
    }

    private Node Build(OpTerm term, bool isRoot = false)
    {
        var definition = ops.Find(term.Domain, term.Name)!;
        var inputs = new List<int>();
        bool swaps = Matcher.Commutes(term) && random.Next(2) == 0;
        // Inner ops come first: what stands beside them must fit them.
        var built = term.Operands.Select(o => o is OpTerm op ? Build(op).Outputs[0] : -2).ToArray();
        if (built.Length > 1 && built[0] == -2 && built[1] >= 0 && edit[built[1]].Type is TensorType { Shape: { } beside }
            && beside.ToStatic() is { } sizes && term.Operands[0] is NameTerm) operands.Common = sizes;
        var op = (Op?)null;
        long group = 1;
        for (int slot = 0; slot < term.Operands.Length; slot++)
        {
            if (slot == 1 && op is null) op = Create(definition, term, inputs, out group);
            if (term.Operands[slot] is NameTerm { IsRest: true } rest) inputs.AddRange(Rest(term, rest, inputs, group));
            else inputs.Add(built[slot] >= 0 ? built[slot] : Leaf(term, slot, inputs, group, built));
        }
        op ??= Create(definition, term, inputs, out _);
        while (inputs.Count > 0 && inputs[^1] == Node.Absent) inputs.RemoveAt(inputs.Count - 1);
        if (swaps) inputs.Reverse();
        int results = Math.Max(1, term.Results.Length);
        var names = Enumerable.Range(0, results).Select(i => i > 0 && random.Next(2) == 0 && definition.Outputs.Length > i
            && definition.Outputs[i].IsOptional ? "" : $"{term.Name.ToLowerInvariant()}{(i == 0 ? "" : $".{i}")}");
        var node = edit.Insert(op, inputs.ToArray(), Provenance.Of(term.Name), [.. names]);
        if (term.Label is { } label) values[label] = node.Outputs[0];
        return node;
    }

    private Op Create(OpDefinition definition, OpTerm term, List<int> inputs, out long group)
    {
        var first = inputs.Count > 0 && inputs[0] != Node.Absent ? edit[inputs[0]].Type : null;
        var neutral = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var attribute in definition.Attributes)
        {
            var named = term.Attributes.FirstOrDefault(a => a.Name == attribute.Name);
            object? value = named is null
                ? term.Others is null && !attribute.IsRequired ? null : attributes.For(definition.Name, attribute, first)
                : Attribute(definition, attribute, named.Value, first);
            if (value is not null) neutral[attribute.Name] = value;
        }
        group = neutral.TryGetValue("group", out object? g) && g is long number ? number : 1;
        return definition.Create(neutral);
    }

    private object? Attribute(OpDefinition definition, AttributeDefinition attribute, Term term, IrType? first)
    {
        if (term is NameTerm name)
        {
            if (chosen.TryGetValue(name.Name, out object? known)) return known;
            return chosen[name.Name] = example.TryGetValue(name.Name, out var given) ? Literal(given, attribute)
                : attributes.For(definition.Name, attribute, first);
        }
        return Literal(term, attribute);
    }

    private static object? Literal(Term term, AttributeDefinition attribute) => term switch
    {
        NumberTerm number when attribute.Kind == "float" => (float)number.Value,
        NumberTerm number => (long)number.Value,
        TextTerm text => text.Text,
        ListTerm list => list.Items.Select(i => (long)((NumberTerm)i).Value).ToEquatable(),
        _ => null,
    };

    private IEnumerable<int> Rest(OpTerm term, NameTerm rest, List<int> before, long group)
    {
        int count = random.Next(1, 4);
        for (int i = 0; i < count; i++) yield return Leaf(term, before.Count, before, group, [], $"{rest.Name}{i}");
    }

    private int Leaf(OpTerm term, int slot, List<int> before, long group, int[] built, string? restName = null)
    {
        var operand = restName is null ? term.Operands[slot] : null;
        ImmutableArray<IrType?> types = [.. before.Select(v => v == Node.Absent ? null : edit[v].Type)];
        // The second operand of an elementwise op is there before the first where it is an op.
        if (types.IsEmpty && built.Length > 1 && built[1] >= 0) types = [edit[built[1]].Type];
        var beside = types.OfType<TensorType>().FirstOrDefault()?.DType ?? dtype;
        switch (operand)
        {
            case NumberTerm number: return Number(number, beside, types);
            case ListTerm list: return edit.AddConstant(Tensor.Vector([.. list.Items.Select(i => (long)((NumberTerm)i).Value)]), "list");
        }
        string name = restName ?? ((NameTerm)operand!).Name;
        if (values.TryGetValue(name, out int known)) return known;
        if (operand is NameTerm { IsOptional: true } && random.Next(5) < 2) return values[name] = Node.Absent;
        if (example.TryGetValue(name, out var given)) return values[name] = Given(name, given);
        if (operands.Parameter(term.Name, slot, types) is { } parameter)
            return values[name] = random.Next(20) == 0 ? Input(name, parameter) : edit.AddConstant(parameter, name);
        int at = types.Length == before.Count ? slot : 1;
        var type = operands.Data(term.Name, at, types, term.Name == "Where" && slot == 0 ? DType.Bool : beside, group);
        long[] dims = type.Shape!.ToStatic()!;
        bool isConstant = constants.Contains(name) ? random.Next(12) > 0 : random.Next(8) == 0;
        return values[name] = isConstant ? edit.AddConstant(data.Constant(type.DType, dims), name)
            : Input(name, data.Input(type.DType, dims));
    }

    // What an example says: a type as text, a list, or a number.
    private int Given(string name, Term term)
    {
        if (term is ListTerm list) return edit.AddConstant(Tensor.Vector([.. list.Items.Select(i => (long)((NumberTerm)i).Value)]), name);
        if (term is NumberTerm number) return edit.AddConstant(Tensor.FromDoubles(dtype, [], [number.Value]), name);
        string text = ((TextTerm)term).Text;
        var shape = Shape.Parse(text.AsSpan()[(text.IndexOf('[') + 1)..text.IndexOf(']')]);
        var type = DTypes.Parse(text.AsSpan()[..text.IndexOf('[')]) is { } t && t != DType.Float32 ? t : dtype;
        return constants.Contains(name) ? edit.AddConstant(data.Constant(type, shape.ToStatic()!), name)
            : Input(name, data.Input(type, shape.ToStatic()!));
    }

    private int Number(NumberTerm number, DType type, ImmutableArray<IrType?> types)
    {
        long[] dims = types.OfType<TensorType>().FirstOrDefault()?.Shape?.ToStatic() ?? [];
        // Of more axes than what it stands beside it changes the type of the result: a rule that asks for the type must foresee that.
        long[] shape = foreseesTypes && random.Next(8) == 0 ? [1, .. dims.Select(_ => 1L)]
            : random.Next(4) switch { 0 when dims.Length > 0 => [1], 1 => dims, 2 => [.. dims.Select(_ => 1L)], _ => [] };
        double[] items = new double[shape.Aggregate(1L, (a, b) => a * b)];
        Array.Fill(items, number.Value);
        return edit.AddConstant(Tensor.FromDoubles(type, shape, items), "number");
    }

    private int Input(string name, Tensor tensor)
    {
        var shape = isSymbolic ? new Shape([.. tensor.Dims.Select(d => Dim.Symbol($"n{d}", 1))]) : tensor.Type.Shape;
        int value = edit.AddInput(name, new TensorType(tensor.DType, shape));
        contents[value] = tensor;
        return value;
    }
}
