using System.Collections.Immutable;
using Nncc.IR.Ops;

namespace Nncc.Passes.Rules;

/// <summary>
/// Applies the first rule that fits at a node as one numbered step. Refused, with a reason, are rules whose result would have another type,
/// that would compute anew what stays in the graph for others, or that would let constants grow beyond the limit.
/// </summary>
/// <param name="edit">The graph.</param>
/// <param name="rules">The rules.</param>
/// <param name="context">Counts steps and takes refusals.</param>
internal sealed class Rewriter(GraphEdit edit, RuleSet rules, PassContext context)
{
    /// <summary>The rule that was applied last.</summary>
    public Rule? Last { get; private set; }

    /// <summary>The nodes that may have changed; null where no rule fits.</summary>
    public IReadOnlyList<int>? TryApply(Node node)
    {
        foreach (var rule in rules.For(node.Op))
            if (PatternFilter.MayFit(rule.Match, node, edit) && Find(rule, node) is var (match, replacement))
                return Apply(match, replacement);
        return null;
    }

    private List<int>? Apply(RuleMatch match, Replacement replacement)
    {
        List<int>? touched = null;
        if (!context.Step(edit, match.Rule.Name, () => touched = Commit(match, replacement))) return null;
        Last = match.Rule;
        return touched;
    }

    // What a rule would do at a node; null where it does not fit, with the reason for those who listen.
    private (RuleMatch, Replacement)? Find(Rule rule, Node node)
    {
        var match = new RuleMatch(rule, new RewritePlan(edit, context.Ops), rules.Library.Functions);
        if (!new Matcher(match).Fits(node))
        {
            if (match.Failure is { } unmet) Refuse(rule, node, unmet);
            return null;
        }
        if (Prepare(match, out var failure) is { } replacement) return (match, replacement);
        Refuse(rule, node, failure!);
        return null;
    }

    private void Refuse(Rule rule, Node node, Failure failure) => context.Refuse(rule.Name, node, () => failure.Reason);

    /// <summary>What a rule would put in for the results of a node; null with a reason where it is refused.</summary>
    internal Replacement? Prepare(RuleMatch match, out Failure? failure)
    {
        var evaluation = new TermEvaluation(match);
        var root = match.Nodes[0];
        var results = ImmutableArray.CreateBuilder<Operand?>();
        var types = root.Outputs;
        for (int i = 0; i < match.Rule.Rewrite.Length; i++)
        {
            int output = i < types.Length ? types[i] : Node.Absent;
            if (output == Node.Absent || !edit.IsUsed(output))
            {
                results.Add(null);
                continue;
            }
            object? value = evaluation.Evaluate(match.Rule.Rewrite[i]);
            if (value is Dim or double && edit[output].Type is TensorType { DType: var dtype, Shape.Rank: 0 })
                value = RewritePlan.Constant(Tensor.FromDoubles(dtype, [], [RuleValues.Number(value)!.Value]));
            if (value is not Operand operand)
            {
                failure = value as Failure ?? new Failure($"the result {RuleValues.Show(value)} is no value of a graph");
                return null;
            }
            if (!Fits(operand.Type, edit[output].Type))
            {
                failure = new Failure($"the result would be {operand.Type} and not {edit[output].Type}") { IsTypeChange = true };
                return null;
            }
            results.Add(operand);
        }
        var replacement = new Replacement(results.ToImmutable(), match.Plan.Needed(results.OfType<Operand>()));
        failure = new RewriteCost(edit, match, replacement, context.Options.FoldLimit).Objection();
        return failure is null ? replacement : null;
    }

    // The same type, or one that says more; sizes with names must be proven equal.
    private static bool Fits(IrType type, IrType old) => TypeRelation.IsAsExact(type, old) && (type, old) switch
    {
        (TensorType { Shape: { } a }, TensorType { Shape: { } b }) => a.Dims.Zip(b.Dims).All(p => AreSame(p.First, p.Second)),
        _ => true,
    };

    private static bool AreSame(Dim a, Dim b) => Dim.AreEqual(a, b) == Answer.Yes
        || (a.Symbols.Any(FreshSymbols.IsFresh) && b.Symbols.Any(FreshSymbols.IsFresh));

    private List<int> Commit(RuleMatch match, Replacement replacement)
    {
        var root = match.Nodes[0];
        var touched = new List<int>();
        var origin = Provenance.Merge(match.Nodes.Select(n => n.Origin), match.Rule.Name);
        var made = new Dictionary<PlannedNode, Node>();
        int Value(Operand? operand) => operand switch
        {
            null => Node.Absent,
            { Id: >= 0 } => operand.Id,
            { Constant: { } tensor } => edit.AddConstant(tensor, edit.UniqueName($"{Name(root)}_{match.Rule.Name}"), origin, root),
            _ => made[operand.Node!].Outputs[operand.Slot],
        };
        foreach (var planned in replacement.Nodes)
        {
            int[] operands = [.. planned.Operands.Select(Value)];
            ImmutableArray<string> names = [.. planned.Results.Select((_, i) => i == 0 ? Name(root) : $"{Name(root)}_{i}")];
            made[planned] = edit.Insert(planned.Op, operands, origin, names, root);
            touched.Add(made[planned].Id);
        }
        for (int i = 0; i < replacement.Results.Length; i++)
        {
            if (replacement.Results[i] is not { } result) continue;
            int old = root.Outputs[i], value = Value(result);
            touched.AddRange(edit.Users(old));
            string oldName = edit[old].Name;
            edit.ReplaceValue(old, value);
            if (result.Id >= 0) continue;
            edit.Rename(old, edit.UniqueName($"{oldName}_old"));
            edit.Rename(value, oldName);
        }
        EraseUnused(root, touched);
        return touched;
    }

    private string Name(Node root) => edit[root.Outputs.First(o => o != Node.Absent)].Name;

    // The node and what only it needed; producers that lost a use may now fit a rule.
    private void EraseUnused(Node root, List<int> touched)
    {
        var unused = new Stack<int>([root.Id]);
        while (unused.TryPop(out int id))
        {
            if (edit.Find(id) is not { } node) continue;
            if (edit.IsUsed(node))
            {
                touched.AddRange(node.GivenOutputs.Where(o => edit.UseCount(o) == 1).SelectMany(edit.Users));
                continue;
            }
            int[] producers = [.. node.GivenInputs.Select(i => edit.Producer(i)?.Id ?? -1).Where(p => p >= 0)];
            edit.Erase(node);
            foreach (int producer in producers) unused.Push(producer);
        }
    }
}

/// <summary>What a rule puts in for the results of a node.</summary>
/// <param name="Results">One for each result of the pattern; null for one that nobody uses.</param>
/// <param name="Nodes">The nodes that are made, in order.</param>
internal sealed record Replacement(ImmutableArray<Operand?> Results, List<PlannedNode> Nodes);
