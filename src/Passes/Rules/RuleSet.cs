using System.Collections.Immutable;

namespace Nncc.Passes.Rules;

/// <summary>
/// The rules that a pass applies, by the op at the root of their patterns. At each op the more specific rule comes first; then what says
/// <c>before</c>; then the larger pattern; then the name.
/// </summary>
public sealed class RuleSet
{
    private readonly Dictionary<(string Domain, string Name), ImmutableArray<Rule>> byRoot = [];

    /// <summary>A set of these rules.</summary>
    /// <param name="library">Where they come from.</param>
    /// <param name="rules">The rules.</param>
    public RuleSet(RuleLibrary library, IEnumerable<Rule> rules) : this(library.Functions, rules)
    {
    }

    internal RuleSet(RuleFunctions functions, IEnumerable<Rule> rules)
    {
        Functions = functions;
        Rules = [.. rules];
        foreach (var group in Rules.GroupBy(r => (r.Match.Domain, r.Match.Name))) byRoot[group.Key] = Ordered([.. group]);
    }

    /// <summary>The functions that they use.</summary>
    public RuleFunctions Functions { get; }

    /// <summary>The rules.</summary>
    public ImmutableArray<Rule> Rules { get; }

    /// <summary>The rules whose patterns have that op at the root, in the order in which they are tried.</summary>
    public ImmutableArray<Rule> For(Op op) =>
        byRoot.TryGetValue((op.Domain, op.Name), out var rules) && op is not IR.Ops.Opaque ? rules : [];

    // A selection that never puts a rule before one that must come earlier; n is the number of rules with one root.
    private static ImmutableArray<Rule> Ordered(List<Rule> rules)
    {
        rules.Sort((a, b) => Specificity.Weight(b).CompareTo(Specificity.Weight(a)) is not 0 and var order ? order
            : string.CompareOrdinal(a.Name, b.Name));
        var result = ImmutableArray.CreateBuilder<Rule>(rules.Count);
        while (rules.Count > 0)
        {
            var next = rules.FirstOrDefault(r => rules.All(other => ReferenceEquals(other, r) || !MustPrecede(other, r))) ?? rules[0];
            result.Add(next);
            rules.Remove(next);
        }
        return result.ToImmutable();
    }

    private static bool MustPrecede(Rule a, Rule b) => a.Before.Contains(b.Name)
        || (!b.Before.Contains(a.Name) && Specificity.Covers(b, a) && !Specificity.Covers(a, b));
}
