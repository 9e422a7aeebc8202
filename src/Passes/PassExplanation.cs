using Nncc.Passes.Rules;

namespace Nncc.Passes;

/// <summary>Says what a pass did and what it nearly did: hears of its steps and refusals in a compilation.</summary>
/// <param name="pass">Name of the pass.</param>
public sealed class PassExplanation(string pass) : IStepListener
{
    private readonly List<RuleOutcome> outcomes = [];

    /// <inheritdoc/>
    public void Stepped(Step step)
    {
        if (step.Pass == pass)
            outcomes.Add(new RuleOutcome(RuleOutcomeKind.Applied, string.Join('\n', step.Removed), string.Join('\n', step.Added)));
    }

    /// <inheritdoc/>
    public void Refused(Refusal refusal)
    {
        if (refusal.Pass == pass)
            outcomes.Add(new RuleOutcome(RuleOutcomeKind.Refused, refusal.Place, $"{refusal.Name}: {refusal.Reason}"));
    }

    /// <summary>The steps, in order, and the near misses between them.</summary>
    /// <param name="node">Name of a node of the model whose outcomes alone are asked for; null for all.</param>
    public IReadOnlyList<RuleOutcome> Outcomes(string? node) => node is null ? outcomes
        : [.. outcomes.Where(o => o.Place.Contains($"\"{node}\"", StringComparison.Ordinal))];
}
