using System.Collections.Immutable;

namespace Nncc.Passes.Rules;

/// <summary>
/// What names of a rule stand for at one node: bound by the pattern, or computed by <c>let</c> when first asked for. Bindings can be taken
/// back to an earlier mark, for patterns that fit in several ways.
/// </summary>
/// <param name="rule">The rule.</param>
/// <param name="plan">Takes what the rule makes.</param>
/// <param name="functions">The functions of rules.</param>
internal sealed class RuleMatch(Rule rule, RewritePlan plan, RuleFunctions functions)
{
    private readonly List<(string Name, object? Value)> bindings = [];
    private readonly List<Node> nodes = [];

    public Rule Rule => rule;

    public RewritePlan Plan => plan;

    public RuleFunctions Functions => functions;

    /// <summary>The nodes that the pattern takes, the outermost first.</summary>
    public IReadOnlyList<Node> Nodes => nodes;

    /// <summary>Why the pattern fits and the rule does not: the first condition that failed.</summary>
    public Failure? Failure { get; set; }

    /// <summary>Whether anybody asks for that.</summary>
    public bool KeepsReasons { get; init; } = true;

    /// <summary>Number of that condition; -1 where none failed.</summary>
    public int FailedCondition { get; set; } = -1;

    public (int, int) Mark => (bindings.Count, nodes.Count);

    public void Return((int Bindings, int Nodes) mark)
    {
        bindings.RemoveRange(mark.Bindings, bindings.Count - mark.Bindings);
        nodes.RemoveRange(mark.Nodes, nodes.Count - mark.Nodes);
    }

    /// <summary>These bindings as they are now, for reasons that are read later.</summary>
    public RuleMatch Snapshot()
    {
        var copy = new RuleMatch(rule, plan, functions);
        copy.bindings.AddRange(bindings);
        return copy;
    }

    public void Take(Node node) => nodes.Add(node);

    public void Set(string name, object? value) => bindings.Add((name, value));

    /// <summary>Binds a name; false where it stands for something else already.</summary>
    public bool Bind(string name, object? value)
    {
        foreach (var (known, old) in bindings)
            if (known == name) return RuleValues.AreEqual(old, value) == Answer.Yes;
        bindings.Add((name, value));
        return true;
    }

    public bool TryFind(string name, out object? value)
    {
        foreach (var (known, found) in bindings)
            if (known == name)
            {
                value = found;
                return true;
            }
        value = null;
        return false;
    }
}
