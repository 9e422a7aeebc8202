using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Nncc.Passes.Rules;

/// <summary>
/// Finds out whether a rule fits at a node: pattern, then conditions. Operands of commutative ops are tried in both orders. It never
/// recurses over the graph, only over commutative ops of the pattern, and gives up after a bounded number of steps.
/// </summary>
internal sealed class Matcher
{
    private const int StepLimit = 20_000;

    private static readonly HashSet<string> Commutative = new(
        ["Add", "Mul", "And", "Or", "Xor", "Equal", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Max", "Min", "Sum", "Mean"],
        StringComparer.Ordinal);

    private readonly RuleMatch match;
    private readonly GraphEdit edit;
    private int steps;
    private int deepest;

    /// <summary>A matcher of one rule at one node.</summary>
    /// <param name="match">Takes the bindings.</param>
    public Matcher(RuleMatch match) => (this.match, edit) = (match, match.Plan.Edit);

    /// <summary>
    /// Where the pattern itself does not fit: the mismatch that was met after the most nodes. Kept only where <see cref="IsExplaining"/>.
    /// </summary>
    public string? Mismatch { get; private set; }

    /// <summary>Whether mismatches are kept.</summary>
    public bool IsExplaining { get; init; }

    /// <summary>Whether the rule fits at a node; names are bound then.</summary>
    public bool Fits(Node node) => MatchNode(match.Rule.Match, node) is { } todo && Solve(todo.Rest);

    /// <summary>Whether the op of a pattern commutes.</summary>
    public static bool Commutes(OpTerm term) => term.Operands.Length == 2 && term.Domain.Length == 0 && Commutative.Contains(term.Name);

    // The terms to match yet, with the values they must fit.
    private sealed record Todo(Term Term, int Value, Todo? Next);

    private readonly record struct Found(Todo? Rest);

    private bool Solve(Todo? todo)
    {
        while (todo is not null)
        {
            if (++steps > StepLimit) return Miss($"the pattern took more than {StepLimit} steps");
            var (term, value, next) = todo;
            todo = next;
            if (term is not OpTerm op)
            {
                if (!MatchLeaf(term, value)) return false;
                continue;
            }
            if (value == Node.Absent || edit.Producer(value) is not { } node)
                return Miss($"{op.Op} is expected, here is {(value == Node.Absent ? "no operand" : $"the input \"{edit[value].Name}\"")}");
            if (edit[value].Slot != 0) return Miss($"\"{edit[value].Name}\" is not the first result of {node.Op.FullName}");
            if (!Commutes(op) || node.Inputs.Length != 2)
            {
                if (MatchNode(op, node, next) is not { } found) return false;
                todo = found.Rest;
                continue;
            }
            var mark = match.Mark;
            if (MatchNode(op, node, next) is { } straight && Solve(straight.Rest)) return true;
            match.Return(mark);
            return MatchNode(op, node, next, isSwapped: true) is { } swapped && Solve(swapped.Rest);
        }
        if (match.Rule.Where.IsEmpty) return true;
        var conditions = new TermEvaluation(match);
        for (int i = 0; i < match.Rule.Where.Length; i++)
        {
            if (conditions.Check(match.Rule.Where[i]) is null) continue;
            // Of several ways to fit the pattern, the one that comes farthest tells most.
            if (i <= match.FailedCondition) return false;
            match.FailedCondition = i;
            if (match.KeepsReasons) match.Failure = new TermEvaluation(match.Snapshot()).Check(match.Rule.Where[i]);
            return false;
        }
        return true;
    }

    // At the root both orders are tried too.
    private Found? MatchNode(OpTerm term, Node node)
    {
        if (!Commutes(term) || node.Inputs.Length != 2) return MatchNode(term, node, null);
        if (MatchNode(term, node, null) is { } straight && Solve(straight.Rest)) return new Found(null);
        match.Return((0, 0));
        return MatchNode(term, node, null, isSwapped: true);
    }

    private Found? MatchNode(OpTerm term, Node node, Todo? next, bool isSwapped = false)
    {
        if (node.Op.Name != term.Name || node.Op.Domain != term.Domain || node.Op is IR.Ops.Opaque)
            return Lose($"{term.Op} is expected, here is {node.Op.FullName} ({node.Place})");
        if (!MatchResults(term, node) || !MatchAttributes(term, node)) return null;
        match.Take(node);
        return MatchOperands(term, node, next, isSwapped);
    }

    private Found? MatchOperands(OpTerm term, Node node, Todo? next, bool isSwapped)
    {
        int given = term.Operands.Length;
        bool hasRest = given > 0 && term.Operands[^1] is NameTerm { IsRest: true };
        if (hasRest && !match.Bind(((NameTerm)term.Operands[--given]).Name, ImmutableArray.CreateRange(node.Inputs.Skip(given)
            .Select(i => (object?)(i == Node.Absent ? null : match.Plan.Existing(i))))))
            return Lose($"the operands of {node.Place} are others than elsewhere in the pattern");
        for (int i = given; i < node.Inputs.Length && !hasRest; i++)
            if (node.Inputs[i] != Node.Absent) return Lose($"{node.Op.FullName} has an operand {i} that the pattern does not have");
        // The first operand is looked at first; plain names come before ops, so that mistakes show early.
        for (int i = given - 1; i >= 0; i--)
        {
            int slot = isSwapped ? 1 - i : i;
            next = new Todo(term.Operands[i], slot < node.Inputs.Length ? node.Inputs[slot] : Node.Absent, next);
        }
        return new Found(next);
    }

    private bool MatchResults(OpTerm term, Node node)
    {
        if (term.Label is { } label && !match.Bind(label, match.Plan.Existing(node.Outputs[0]))) return false;
        int count = Math.Max(1, term.Results.Length);
        for (int i = 0; i < Math.Max(node.Outputs.Length, count); i++)
        {
            int output = i < node.Outputs.Length ? node.Outputs[i] : Node.Absent;
            if (i >= count && output != Node.Absent && edit.IsUsed(output))
                return Miss($"result {i} of {node.Place} is used, and the pattern does not have it");
            if (i < term.Results.Length
                && !match.Bind(term.Results[i], output == Node.Absent ? null : match.Plan.Existing(output))) return false;
        }
        // A node may end before results that nobody asked for.
        for (int i = node.Outputs.Length; i < term.Results.Length; i++)
            if (!match.Bind(term.Results[i], null)) return false;
        return node.Outputs.Length > 0 && (count > 1 || node.Outputs[0] != Node.Absent);
    }

    private bool MatchAttributes(OpTerm term, Node node)
    {
        var definition = match.Plan.Ops[node.Op];
        if (definition.Attributes.IsEmpty) return term.Others is null || match.Bind(term.Others, new AttributeRest(() => []));
        Op? normal = null;
        foreach (var attribute in definition.Attributes)
        {
            var named = Named(term, attribute.Name);
            if (named is null)
            {
                if (term.Others is null && !attribute.IsRequired && attribute.Read(Spelled(attribute), omitDefault: true) is { } other)
                    return Miss($"{attribute.Name} of {node.Place} is {RuleValues.Show(RuleValues.FromAttribute(other))}");
                continue;
            }
            object? value = RuleValues.FromAttribute(attribute.Read(Spelled(attribute), omitDefault: false));
            if (!MatchAttribute(named.Value, value))
                return Miss($"{attribute.Name} of {node.Place} is {RuleValues.Show(value)}, the pattern has {named.Value}");
        }
        return term.Others is null || match.Bind(term.Others, Others(term, definition, node, normal));

        // The normal form is made only where an attribute is asked for that has several.
        Op Spelled(AttributeDefinition attribute) => AttributeForms.HasSeveral(attribute.Name) ? normal ??= Normal(node) : node.Op;
    }

    private Op Normal(Node node) => AttributeForms.Normal(node.Op, i => i < node.Inputs.Length && node.Inputs[i] != Node.Absent
        ? edit[node.Inputs[i]].Type : null);

    // Read where a rule comes to use them: most patterns fail before.
    private AttributeRest Others(OpTerm term, OpDefinition definition, Node node, Op? normal) => new(() =>
    {
        var op = normal ?? Normal(node);
        var rest = ImmutableArray.CreateBuilder<KeyValuePair<string, object?>>(definition.Attributes.Length);
        foreach (var attribute in definition.Attributes)
            if (Named(term, attribute.Name) is null)
                rest.Add(new(attribute.Name, RuleValues.FromAttribute(attribute.Read(op, omitDefault: false))));
        return rest.ToImmutable();
    });

    private static NamedTerm? Named(OpTerm term, string name)
    {
        foreach (var attribute in term.Attributes)
            if (attribute.Name == name) return attribute;
        return null;
    }

    private bool MatchAttribute(Term term, object? value) => term switch
    {
        NameTerm name => match.Bind(name.Name, value),
        NumberTerm number => RuleValues.Number(value) is { } actual && (number.Fits(actual) || (float)number.Value == (float)actual),
        _ => RuleValues.AreEqual(new TermEvaluation(match).Evaluate(term), value) == Answer.Yes,
    };

    private bool MatchLeaf(Term term, int value)
    {
        if (term is NameTerm name)
        {
            if (value == Node.Absent && !name.IsOptional) return Miss($"operand {name.Name} is absent");
            return match.Bind(name.Name, value == Node.Absent ? null : match.Plan.Existing(value))
                || Miss($"{name.Name} is another value than elsewhere in the pattern");
        }
        if (value == Node.Absent || edit.Constant(value) is not { } constant)
            return value == Node.Absent ? Miss($"{term} is expected, here is nothing")
                : Miss($"{term} is expected, here is \"{edit[value].Name}\", which is not constant");
        if (term is NumberTerm number)
            return IsAll(constant, number) || Miss($"{term} is expected, here is the constant {match.Plan.Existing(value)}");
        return RuleValues.AreEqual(new TermEvaluation(match).Evaluate(term),
            RuleValues.FromAttribute(match.Plan.Existing(value))) == Answer.Yes
            || Miss($"{term} is expected, here is the constant {match.Plan.Existing(value)}");
    }

    private static bool IsAll(Tensor constant, NumberTerm number)
    {
        if (constant.Count == 0 || constant.DType is DType.String || constant.DType.IsComplex()) return false;
        // Half floats hold a decimal number to three digits only.
        bool Fits(double item) => number.Fits(item)
            || (number.IsNear && constant.DType == DType.Float16 && item == (double)(Half)number.Value);
        if (constant.Count == 1) return Fits(constant.ToDouble());
        return constant.Count <= 1 << 16 && constant.ToDoubles().All(Fits);
    }

    private Found? Lose([InterpolatedStringHandlerArgument("")] ref Reason reason)
    {
        Miss(ref reason);
        return null;
    }

    private bool Miss([InterpolatedStringHandlerArgument("")] ref Reason reason)
    {
        if (reason.IsWanted) (Mismatch, deepest) = (reason.Text, match.Nodes.Count);
        return false;
    }

    // A text that is put together only where mismatches are kept, and this one came after more nodes than the last.
    [InterpolatedStringHandler]
    private ref struct Reason
    {
        private DefaultInterpolatedStringHandler text;

        public Reason(int literals, int values, Matcher matcher, out bool isWanted)
        {
            IsWanted = isWanted = matcher.IsExplaining && (matcher.Mismatch is null || matcher.match.Nodes.Count > matcher.deepest);
            if (isWanted) text = new DefaultInterpolatedStringHandler(literals, values);
        }

        public bool IsWanted { get; }

        public string Text => text.ToStringAndClear();

        public void AppendLiteral(string literal) => text.AppendLiteral(literal);

        public void AppendFormatted<T>(T value) => text.AppendFormatted(value);
    }
}
