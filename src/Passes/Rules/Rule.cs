using System.Collections.Immutable;

namespace Nncc.Passes.Rules;

/// <summary>How equal the sides of a rule are.</summary>
public enum RuleLaw
{
    /// <summary>The same bits under the declared evaluation.</summary>
    Exact,
    /// <summary>The same real numbers; floats are rounded elsewhere or in another order.</summary>
    Rounding,
}

/// <summary>A value that a rule computes for later use.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">What it is.</param>
public sealed record LetTerm(string Name, Term Value);

/// <summary>
/// What an example says of a name: for an operand a type such as <c>"f32[1x3x4x4]"</c> or a list or number for a constant, for an attribute
/// its value.
/// </summary>
/// <param name="Name">A name that the pattern binds.</param>
/// <param name="Value">A type as text, or the value.</param>
public sealed record ExampleTerm(string Name, Term Value);

/// <summary>A rewrite rule: an equation with a direction, conditions, a name and a law.</summary>
/// <param name="Set">The set that it belongs to.</param>
/// <param name="Name">Its name in kebab-case, unique among all rules.</param>
/// <param name="Match">The pattern: an op's term.</param>
/// <param name="Where">Conditions; all must hold.</param>
/// <param name="Lets">Values computed from what the pattern binds, in order.</param>
/// <param name="Rewrite">What stands in for the pattern; one term a result.</param>
/// <param name="Law">How equal the sides are.</param>
/// <param name="Before">Rules that this one goes before.</param>
/// <param name="Examples">Instances for the tester, where it cannot find any by itself.</param>
/// <param name="Reason">The comment above the rule: its equation in words.</param>
/// <param name="Place">Where it stands.</param>
public sealed record Rule(string Set, string Name, OpTerm Match, ImmutableArray<Term> Where, ImmutableArray<LetTerm> Lets,
    ImmutableArray<Term> Rewrite, RuleLaw Law, ImmutableArray<string> Before, ImmutableArray<ImmutableArray<ExampleTerm>> Examples,
    string Reason, SourcePlace Place)
{
    /// <summary>Whether it comes with nncc.</summary>
    public bool IsShipped { get; init; }

    /// <summary>The name with its set; what reports say.</summary>
    public string Id => $"{Set}/{Name}";

    /// <summary>The text of the rule.</summary>
    public override string ToString()
    {
        var lines = new List<string> { $"rule {Name}", $"  match   {Match}" };
        lines.AddRange(Where.Select((w, i) => $"  {(i == 0 ? "where  " : "       ")} {w}"));
        lines.AddRange(Lets.Select(l => $"  let     {l.Name} = {l.Value}"));
        lines.Add($"  rewrite {(Rewrite.Length == 1 ? $"{Rewrite[0]}" : $"({string.Join(", ", Rewrite)})")}");
        if (Law == RuleLaw.Rounding) lines.Add("  law     rounding");
        lines.AddRange(Before.Select(b => $"  before  {b}"));
        return string.Join('\n', lines);
    }
}
