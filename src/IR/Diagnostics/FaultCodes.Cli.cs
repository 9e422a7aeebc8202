namespace Nncc.IR;

public static partial class FaultCodes
{
    /// <summary>The command line is not understood.</summary>
    public static readonly FaultCode Usage = new(7001, "the command is not understood", ExitCode.Usage);

    /// <summary>Engines give different answers for a model.</summary>
    public static readonly FaultCode Disagreement = new(7002, "engines disagree", ExitCode.ConstraintNotMet);

    /// <summary>A model is to be reduced for a command that does not fail for it.</summary>
    public static readonly FaultCode NothingToReduce = new(7003, "nothing to reduce", ExitCode.Usage);
}
