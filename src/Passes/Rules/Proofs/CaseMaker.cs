using System.Collections.Immutable;
using Nncc.Passes.Rules.Testing;

namespace Nncc.Passes.Rules.Proofs;

/// <summary>Builds the pattern of a rule as a graph, with one choice for each shape, content and attribute that it leaves open.</summary>
internal sealed class CaseMaker
{
    /// <summary>What stands for a number that a rule computes with.</summary>
    public static ImmutableArray<double> Samples { get; } = [0.01, 2, -1];

    private readonly SymbolicRule rule;
    private readonly OpRegistry ops;
    private readonly ChoiceTape tape;
    private readonly CaseShapes shapes;
    private readonly DType dtype;
    private readonly GraphEdit edit;
    private readonly Dictionary<string, int> values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, object?> chosen = new(StringComparer.Ordinal);

    private CaseMaker(SymbolicRule rule, OpRegistry ops, ChoiceTape tape, CaseShapes shapes, DType dtype) =>
        (this.rule, this.ops, this.tape, this.shapes, this.dtype, edit) = (rule, ops, tape, shapes, dtype, new GraphEdit(rule.Rule.Name));

    /// <summary>The case of a sequence of choices; null where an op refuses what was chosen.</summary>
    /// <exception cref="UndecidedException">The values of an attribute are not known.</exception>
    public static RuleInstance? Make(SymbolicRule rule, OpRegistry ops, ChoiceTape tape, CaseShapes shapes, DType dtype)
    {
        var maker = new CaseMaker(rule, ops, tape, shapes, dtype);
        try
        {
            var root = maker.Build(rule.Rule.Match);
            foreach (int output in root.GivenOutputs) maker.edit.AddOutput($"result {maker.edit.Outputs.Count}", output);
            return new RuleInstance(maker.edit.Freeze(), root.Id, []);
        }
        catch (NnccException)
        {
            return null;
        }
    }

    private Node Build(OpTerm term, string? under = null)
    {
        var definition = ops.Find(term.Domain, term.Name)!;
        // What goes into a convolution has shapes that it takes.
        string wanted = under is null || CaseShapes.IsWindowed(term.Name) ? term.Name : under;
        int[] built = [.. term.Operands.Select((o, slot) => o is OpTerm op ? Build(op, slot == 0 && CaseShapes.IsWindowed(wanted) ? wanted
            : null).Outputs[0] : -2)];
        var inputs = new List<int>();
        Op? op = null;
        for (int slot = 0; slot < term.Operands.Length; slot++)
        {
            if (slot == 1 && op is null) op = Create(definition, term, inputs);
            if (term.Operands[slot] is NameTerm { IsRest: true } rest)
            {
                int count = 1 + tape.Next(2);
                for (int i = 0; i < count; i++) inputs.Add(Data(term, wanted, inputs.Count, inputs, built, op, $"{rest.Name}.{i}"));
            }
            else inputs.Add(built[slot] >= 0 ? built[slot] : Leaf(term, wanted, slot, inputs, built, op));
        }
        op ??= Create(definition, term, inputs);
        while (inputs.Count > 0 && inputs[^1] == Node.Absent) inputs.RemoveAt(inputs.Count - 1);
        int results = Math.Max(1, term.Results.Length);
        var names = Enumerable.Range(0, results).Select(i => i > 0 && definition.Outputs.Length > i && definition.Outputs[i].IsOptional
            && tape.Next(2) == 0 ? "" : $"{term.Name.ToLowerInvariant()}{(i == 0 ? "" : $".{i}")}");
        var node = edit.Insert(op, inputs.ToArray(), Provenance.Of(term.Name), [.. names]);
        if (term.Label is { } label) values[label] = node.Outputs[0];
        return node;
    }

    private Op Create(OpDefinition definition, OpTerm term, List<int> inputs)
    {
        long[]? dims = inputs.Count > 0 && inputs[0] != Node.Absent ? Sizes(inputs[0]) : null;
        var neutral = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var attribute in definition.Attributes)
        {
            var named = term.Attributes.FirstOrDefault(a => a.Name == attribute.Name);
            object? value = named?.Value switch
            {
                null when term.Others is null && !attribute.IsRequired => null,
                null => Choose(CaseParameters.Attribute(definition.Name, attribute, dims)),
                NameTerm name when chosen.TryGetValue(name.Name, out object? known) => known,
                NameTerm name => chosen[name.Name] = Choose(CaseParameters.Attribute(definition.Name, attribute, dims)),
                NumberTerm number when attribute.Kind == "float" => (float)number.Value,
                NumberTerm number => (long)number.Value,
                TextTerm text => text.Text,
                ListTerm list => list.Items.Select(i => (long)((NumberTerm)i).Value).ToEquatable(),
                _ => null,
            };
            if (value is not null) neutral[attribute.Name] = value;
        }
        return definition.Create(neutral);
    }

    private int Leaf(OpTerm term, string wanted, int slot, List<int> before, int[] built, Op? op)
    {
        switch (term.Operands[slot])
        {
            case NumberTerm number: return Number(number.Value, Beside(before, built));
            case ListTerm list: return edit.AddConstant(Tensor.Vector([.. list.Items.Select(i => (long)((NumberTerm)i).Value)]), "list");
        }
        var name = (NameTerm)term.Operands[slot];
        if (values.TryGetValue(name.Name, out int known)) return known;
        if (name.IsOptional && tape.Next(2) == 0) return values[name.Name] = Node.Absent;
        if (rule.Parameters.Contains(name.Name) && before.Count > 0)
        {
            long axis = op is IR.Ops.Split split ? split.Axis : 0;
            return values[name.Name] = edit.AddConstant(Choose(CaseParameters.Of(term.Name, slot, Sizes(before[0]), axis,
                Math.Max(1, term.Results.Length))), name.Name);
        }
        if (rule.Fills.TryGetValue(name.Name, out double fill))
            return values[name.Name] = Number(tape.Next(2) == 0 ? fill : fill + 1, Beside(before, built));
        if (rule.Samples.Contains(name.Name)) return values[name.Name] = Number(tape.Of(Samples), Beside(before, built));
        return values[name.Name] = Data(term, wanted, slot, before, built, op, name.Name);
    }

    private int Data(OpTerm term, string wanted, int slot, List<int> before, int[] built, Op? op, string name)
    {
        var beside = before.Count > 0 ? before : built.Where(b => b >= 0);
        var known = beside.Select(v => v == Node.Absent ? null : Sizes(v)).ToImmutableArray();
        long group = op is IR.Ops.Conv conv ? conv.Group : 1;
        var options = known.IsEmpty ? shapes.First(wanted) : shapes.Further(term.Name, before.Count == 0 ? 0 : slot, known, group);
        var type = term.Name == "Where" && slot == 0 ? DType.Bool : dtype;
        return edit.AddInput(name, new TensorType(type, Shape.Of(Choose(options))));
    }

    // A constant, as a single number, of one axis, or of all axes of what it stands beside.
    private int Number(double value, int beside)
    {
        int rank = beside >= 0 ? Sizes(beside).Length : 0;
        long[] dims = Choose(rank > 0 ? (long[][])[[], [.. Enumerable.Repeat(1L, rank)]] : [[]]);
        double[] items = new double[dims.Aggregate(1L, (a, b) => a * b)];
        Array.Fill(items, value);
        var type = beside >= 0 ? ((TensorType)edit[beside].Type).DType : dtype;
        return edit.AddConstant(Tensor.FromDoubles(type, dims, items), "number");
    }

    private T Choose<T>(IReadOnlyList<T> options) =>
        options.Count > 0 ? tape.Of(options) : throw new NnccException(FaultCodes.OperandShape, "nothing fits");

    private static int Beside(List<int> before, int[] built) => before.Concat(built).FirstOrDefault(v => v >= 0, -1);

    private long[] Sizes(int value) => ((TensorType)edit[value].Type).Shape?.ToStatic()
        ?? throw new NnccException(FaultCodes.OperandShape, "a size is not known");
}
