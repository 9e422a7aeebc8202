namespace Nncc.IR;

public static partial class FaultCodes
{
    /// <summary>A count depends on sizes or numbers of iterations that are not known.</summary>
    public static readonly FaultCode OpenCount = new(3101, "a count depends on open sizes", ExitCode.BadModel);

    /// <summary>Part of a model cannot be counted, and the user does not accept that.</summary>
    public static readonly FaultCode Uncounted = new(3102, "part of the model cannot be counted", ExitCode.Unsupported);
}
