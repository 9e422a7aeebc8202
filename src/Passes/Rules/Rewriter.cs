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
    /// <summary>One that applies the rule of a match alone.</summary>
    public static Rewriter Of(GraphEdit edit, RuleMatch match, PassContext context) =>
        new(edit, new RuleSet(match.Functions, [match.Rule]), context);

    /// <summary>The rule that was applied last.</summary>
    public Rule? Last { get; private set; }

    /// <summary>The nodes that may have changed; null where no rule fits.</summary>
    public IReadOnlyList<int>? TryApply(Node node)
    {
        foreach (var rule in rules.For(node.Op))
        {
            if (!PatternFilter.MayFit(rule.Match, node, edit)) continue;
            long start = context.Steps.Now;
            var touched = TryApply(rule, node, out bool isLimited);
            context.Steps.Spend(rule.Id, start);
            if (touched is not null || isLimited) return touched;
        }
        return null;
    }

    private List<int>? TryApply(Rule rule, Node node, out bool isLimited)
    {
        isLimited = false;
        var match = new RuleMatch(rule, new RewritePlan(edit, context.Ops), rules.Functions)
        {
            KeepsReasons = context.Steps.IsHeard,
        };
        if (!new Matcher(match).Fits(node))
        {
            if (match.Failure is { } failure) context.Refuse(rule.Id, node, () => failure.Reason);
            return null;
        }
        if (Prepare(match, out var failed) is not { } replacement)
        {
            context.Refuse(rule.Id, node, () => failed!.Reason);
            if (failed!.Allows is { } advice && context.Steps.IsNews(rule.Id, node))
                context.Notice($"{rule.Id} was not applied: {failed.Reason}", node.Place, advice);
            // Rules that come with nncc are tested; that a constant of many axes broadcasts is none of their mistakes.
            if (failed.IsContradiction && !rule.IsShipped && context.Checks is not null) Refute(rule, node, failed);
            return null;
        }
        if (context.Checks?.Objection(edit, match, context) is { } wrong)
        {
            context.Refuse(rule.Id, node, () => wrong.Reason);
            Refute(rule, node, wrong);
            return null;
        }
        List<int>? touched = null;
        isLimited = !context.Step(edit, rule.Id, () => touched = Commit(match, replacement));
        if (!isLimited) Last = rule;
        return touched;
    }

    private void Refute(Rule rule, Node node, Failure wrong)
    {
        if (context.Steps.IsNews(rule.Id, node))
            context.Steps.Refuted.Add(new RefutedStep(rule.Id, $"{rule.Place}", node.Place, wrong.Reason));
    }

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
                failure = new Failure($"the result would be {operand.Type} and not {edit[output].Type}") 
                {
                    IsTypeChange = true, IsContradiction = TypeRelation.Contradicts(operand.Type, edit[output].Type),
                };
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
