using System.Collections.Immutable;

namespace Nncc.Passes.Rules;

/// <summary>
/// Holds a rule to what can be seen from its text: names are bound, ops, attributes and functions exist and have as many operands, and the
/// rule goes down in the order of its set.
/// </summary>
/// <param name="ops">The ops.</param>
/// <param name="functions">The functions.</param>
internal sealed class RuleChecker(OpRegistry ops, RuleFunctions functions)
{
    private readonly List<Fault> faults = [];
    private HashSet<string> bound = [];
    private Rule rule = null!;

    /// <summary>All faults of a rule.</summary>
    public static IReadOnlyList<Fault> Check(Rule rule, OpRegistry ops, RuleFunctions functions)
    {
        var checker = new RuleChecker(ops, functions) { rule = rule };
        checker.Run();
        return checker.faults;
    }

    private void Run()
    {
        if (!RuleSets.All.Contains(rule.Set))
            Add(FaultCodes.NoSuchRule, $"there is no set \"{rule.Set}\"", rule.Place, Suggestion.For(rule.Set, RuleSets.All, "there are"));
        if (rule.Name.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-'))
            Add(FaultCodes.RuleSyntax, $"the name {rule.Name} is not in kebab-case", rule.Place);
        Pattern(rule.Match);
        var matched = bound.ToHashSet(StringComparer.Ordinal);
        foreach (var let in rule.Lets)
            if (!bound.Add(let.Name)) Add(FaultCodes.RuleName, $"{let.Name} is bound twice", let.Value.Place);
        for (int i = 0; i < rule.Lets.Length; i++)
            foreach (var name in rule.Lets[i].Value.All.OfType<NameTerm>().Where(n => rule.Lets.Skip(i).Any(l => l.Name == n.Name)))
                Add(FaultCodes.RuleName, $"{name.Name} is used before it is bound", name.Place);
        foreach (var term in rule.Where.Concat(rule.Lets.Select(l => l.Value)).Concat(rule.Rewrite)) Value(term);
        if (rule.Rewrite.Length != Math.Max(1, rule.Match.Results.Length))
            Add(FaultCodes.RuleSyntax, $"{rule.Rewrite.Length} results stand in for {Math.Max(1, rule.Match.Results.Length)}",
                rule.Rewrite[0].Place);
        foreach (var example in rule.Examples.SelectMany(e => e).Where(e => !matched.Contains(e.Name)))
            Add(FaultCodes.RuleName, $"the example speaks of {example.Name}, which the pattern does not bind", example.Value.Place,
                Suggestion.For(example.Name, matched, "it binds"));
        if (faults.Count == 0 && RuleSets.HasCountOrder(rule.Set) && RuleOrder.Objection(rule) is { } objection)
            Add(FaultCodes.RuleOrder, $"rule {rule.Name} does not go down in {rule.Set}: {objection}", rule.Place,
                "rewriting might not end; turn the sides round, or see the ranks of ops in rules/README.md");
    }

    // What stands in a pattern binds names; literals and names bound before are compared.
    private void Pattern(Term term)
    {
        switch (term)
        {
            case NameTerm name: bound.Add(name.Name); break;
            case OpTerm op:
                CheckOp(op, isPattern: true);
                if (op.Label is not null) bound.Add(op.Label);
                bound.UnionWith(op.Results);
                if (op.Results.Length > 0 && !ReferenceEquals(op, rule.Match))
                    Add(FaultCodes.RuleSyntax, "only the outermost op of a pattern has names for several results", op.Place);
                if (op.Others is not null) bound.Add(op.Others);
                foreach (var operand in op.Operands) Pattern(operand);
                foreach (var attribute in op.Attributes)
                    if (attribute.Value is NameTerm or NumberTerm or TextTerm or ListTerm) Pattern(attribute.Value);
                    else Add(FaultCodes.RuleSyntax, $"an attribute of a pattern is a name or a literal, not {attribute.Value}",
                        attribute.Value.Place,
                        "bind it to a name and put the condition behind where");
                break;
            case ListTerm list: foreach (var item in list.Items) Pattern(item); break;
            case CallTerm call:
                Add(FaultCodes.RuleSyntax, $"a pattern is made of ops, names and literals, not {call}", call.Place,
                    functions.Find(call.Function) is null
                        ? Suggestion.For(call.Function, ops.Definitions.Select(d => d.FullName), "ops are") : null);
                break;
        }
    }

    private void Value(Term term)
    {
        switch (term)
        {
            case NameTerm { Name: "true" or "false" } word:
                Add(FaultCodes.RuleSyntax, $"write 1 or 0 for {word.Name}", word.Place);
                break;
            case NameTerm name when !bound.Contains(name.Name):
                Add(FaultCodes.RuleName, $"{name.Name} is not bound by the pattern of rule {rule.Name}", name.Place,
                    Suggestion.For(name.Name, bound, "it binds"));
                break;
            case OpTerm op:
                CheckOp(op, isPattern: false);
                if (op.Others is { } others && !bound.Contains(others)) Add(FaultCodes.RuleName, $"...{others} is not bound", op.Place);
                break;
            case CallTerm { IsOperator: false } call: CheckCall(call); break;
        }
        foreach (var part in term.Parts) Value(part);
    }

    private void CheckCall(CallTerm call)
    {
        if (functions.Find(call.Function) is not { } function)
            Add(FaultCodes.RuleName, $"there is no function \"{call.Function}\"", call.Place,
                Suggestion.For(call.Function, functions.All.Select(f => f.Name), "there are"));
        else if (call.Arguments.Length < function.Least || (!function.IsVariadic && call.Arguments.Length > function.Least))
            Add(FaultCodes.RuleSyntax, $"{call.Function} takes {function.Parameters}, here are {call.Arguments.Length} arguments",
                call.Place);
    }

    private void CheckOp(OpTerm term, bool isPattern)
    {
        if (ops.Find(term.Domain, term.Name) is not { IsLegacy: false } definition)
        {
            Add(FaultCodes.RuleName, $"there is no op \"{term.Op}\"", term.Place,
                Suggestion.For(term.Op, ops.Definitions.Where(d => !d.IsLegacy).Select(d => d.FullName), "there are"));
            return;
        }
        foreach (var attribute in term.Attributes.Where(a => definition.Attribute(a.Name) is null))
            Add(FaultCodes.RuleName, $"{term.Op} has no attribute \"{attribute.Name}\"", attribute.Value.Place,
                Suggestion.For(attribute.Name, definition.Attributes.Select(a => a.Name), "it has"));
        foreach (var attribute in definition.Attributes.Where(a => !isPattern && a.IsRequired && term.Others is null))
            if (term.Attributes.All(a => a.Name != attribute.Name))
                Add(FaultCodes.RuleName, $"{term.Op} needs its attribute {attribute.Name}", term.Place);
        bool isVariadic = definition.Inputs is [.., { IsVariadic: true }];
        bool hasRest = term.Operands is [.., NameTerm { IsRest: true }];
        int most = isVariadic ? int.MaxValue : definition.Inputs.Length;
        int least = definition.Inputs.Count(i => !i.IsOptional && !i.IsVariadic);
        if (term.Operands.Length > most || (term.Operands.Length < least && !hasRest))
            Add(FaultCodes.RuleSyntax,
                $"{term.Op} has {least}{(most == least ? "" : most == int.MaxValue ? " and more" : $" to {most}")} operands, "
                + $"here are {term.Operands.Length}", term.Place);
        if (isPattern && term.Operands.SkipLast(1).Any(o => o is NameTerm { IsRest: true }))
            Add(FaultCodes.RuleSyntax, "a name for all further operands is the last one", term.Place);
    }

    private void Add(FaultCode code, string message, SourcePlace place, string? advice = null) =>
        faults.Add(new Fault(code, message, place.ToString(), advice));
}
