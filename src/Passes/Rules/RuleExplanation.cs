namespace Nncc.Passes.Rules;

/// <summary>What became of a rule at a node.</summary>
/// <param name="Outcome">Whether it was applied, refused or did not fit.</param>
/// <param name="Place">The node, or the lines that the rule took away.</param>
/// <param name="Reason">Why not, or the lines that came.</param>
public sealed record RuleOutcome(RuleOutcomeKind Outcome, string Place, string Reason);

/// <summary>Kinds of outcome.</summary>
public enum RuleOutcomeKind
{
    /// <summary>The rule was applied.</summary>
    Applied,
    /// <summary>The pattern fits, but a condition does not hold, or the result would not do.</summary>
    Refused,
    /// <summary>The pattern does not fit.</summary>
    Mismatch,
}

/// <summary>
/// Says why a rule was applied or not: hears of its steps in a compilation, then tries it once more on the graph that came out.
/// </summary>
/// <param name="library">All rules.</param>
/// <param name="rule">The rule.</param>
public sealed class RuleExplanation(RuleLibrary library, Rule rule) : IStepListener
{
    private readonly List<RuleOutcome> applied = [];
    private readonly Dictionary<string, string> wrong = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public void Stepped(Step step)
    {
        if (step.Name == rule.Id)
            applied.Add(new RuleOutcome(RuleOutcomeKind.Applied, string.Join('\n', step.Removed), string.Join('\n', step.Added)));
    }

    /// <inheritdoc/>
    public void Refused(Refusal refusal)
    {
        // What counts is what is refused in the end: conditions may come true after other rules.
    }

    /// <summary>
    /// What was applied, and for each node of the root's op that is still there why the rule does not fit. With a name only nodes that come
    /// from the model's node of that name.
    /// </summary>
    /// <param name="graph">The graph that came out.</param>
    /// <param name="options">The options of the compilation.</param>
    /// <param name="node">Name of a node of the model, or null for all.</param>
    /// <param name="log">The steps of the compilation, with what checks refused.</param>
    public IReadOnlyList<RuleOutcome> Outcomes(Graph graph, CompileOptions options, string? node, StepLog log)
    {
        foreach (var refuted in log.Refuted.Where(r => r.Name == rule.Id)) wrong[refuted.Place] = refuted.Reason;
        var outcomes = applied.Where(a => node is null || a.Place.Contains($"@\"{node}\"", StringComparison.Ordinal)
            || a.Place.Contains($"\"{node}\"", StringComparison.Ordinal)).ToList();
        Add(graph, options, node, outcomes);
        return outcomes;
    }

    private void Add(Graph graph, CompileOptions options, string? name, List<RuleOutcome> outcomes)
    {
        var edit = new GraphEdit(graph);
        var context = new PassContext(library.Ops) { Options = options };
        foreach (var node in graph.Nodes)
        {
            foreach (var body in node.Op.Bodies) Add(body, options, name, outcomes);
            if (node.Op.FullName != rule.Match.Op || (name is not null && !node.Origin.Nodes.Contains(name))) continue;
            var match = new RuleMatch(rule, new RewritePlan(edit, library.Ops), library.Functions);
            var matcher = new Matcher(match) { IsExplaining = true };
            if (!matcher.Fits(node))
                outcomes.Add(match.Failure is { } failure ? new RuleOutcome(RuleOutcomeKind.Refused, node.Place, failure.Reason)
                    : new RuleOutcome(RuleOutcomeKind.Mismatch, node.Place, matcher.Mismatch ?? "the pattern does not fit"));
            else
            {
                var rewriter = new Rewriter(edit, new RuleSet(library, [rule]), context);
                string reason = rewriter.Prepare(match, out var refused) is null ? refused!.Reason
                    : wrong.TryGetValue(node.Place, out string? difference) ? $"a check refused it: {difference}"
                    : "it fits, and was not applied: it is left out by an option, or another rule went before";
                outcomes.Add(new RuleOutcome(RuleOutcomeKind.Refused, node.Place, reason));
            }
        }
    }
}
