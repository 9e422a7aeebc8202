namespace Nncc.Passes.Rules;

/// <summary>What is evaluated while rules are applied.</summary>
public enum RuleCheck
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>Each distinct application of a rule, once, on small extents.</summary>
    Rules,
    /// <summary>Every application of a rule, at its real extents.</summary>
    Each,
    /// <summary>The whole model, before and after.</summary>
    Final,
}

/// <summary>A step that a check refused.</summary>
/// <param name="Name">The rule, or what a pass calls the step.</param>
/// <param name="Source">Where the rule is written, or the pass.</param>
/// <param name="Place">The node.</param>
/// <param name="Reason">What differs.</param>
public sealed record RefutedStep(string Name, string Source, string Place, string Reason)
{
    /// <summary>As a fault.</summary>
    public Fault Fault => new(FaultCodes.StepRefuted, $"{Name} ({Source}) was refused and not applied: {Reason}", Place,
        "nncc rules test looks for a small counterexample of a rule; --disable leaves a rule or a pass out");
}
