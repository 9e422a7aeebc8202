namespace Nncc.IR;

public static partial class FaultCodes
{
    /// <summary>A rule file cannot be read as text of the rule language.</summary>
    public static readonly FaultCode RuleSyntax = new(3201, "a rule file cannot be read", ExitCode.Usage);

    /// <summary>A rule names what does not exist or what it does not bind.</summary>
    public static readonly FaultCode RuleName = new(3202, "unknown name in a rule", ExitCode.Usage);

    /// <summary>A rule does not go down in the order of its set.</summary>
    public static readonly FaultCode RuleOrder = new(3203, "a rule goes against the order of its set", ExitCode.Usage);

    /// <summary>Two rules match the same nodes and nothing decides between them.</summary>
    public static readonly FaultCode RuleOverlap = new(3204, "two rules overlap", ExitCode.Usage);

    /// <summary>The sides of a rule do not mean the same.</summary>
    public static readonly FaultCode RuleWrong = new(3205, "a rule is wrong", ExitCode.ConstraintNotMet);

    /// <summary>No instance of a rule could be made, or a condition was never seen both ways.</summary>
    public static readonly FaultCode RuleUntested = new(3206, "a rule is not tested", ExitCode.ConstraintNotMet);

    /// <summary>Rules kept changing a graph without end.</summary>
    public static readonly FaultCode RuleLoop = new(3207, "rules do not come to an end", ExitCode.Usage);

    /// <summary>A rule fired another number of times than was demanded.</summary>
    public static readonly FaultCode RuleCount = new(3208, "a rule fired another number of times", ExitCode.ConstraintNotMet);

    /// <summary>A rule or a set is asked for that does not exist.</summary>
    public static readonly FaultCode NoSuchRule = new(3209, "no such rule", ExitCode.Usage);

    /// <summary>A check found that a step, mostly an application of a rule, changes what the model computes; it was not made.</summary>
    public static readonly FaultCode StepRefuted = new(3210, "a check refused a step", ExitCode.ConstraintNotMet);
}
