namespace Nncc.IR;

public static partial class FaultCodes
{
    /// <summary>A folder holds what nncc did not write and would be written over.</summary>
    public static readonly FaultCode ForeignFolder = new(7101, "the folder is not one that nncc wrote", ExitCode.ConstraintNotMet);

    /// <summary>A name of a node, value, pass or the like does not exist in the model or in nncc.</summary>
    public static readonly FaultCode UnknownName = new(7102, "there is nothing of that name", ExitCode.Usage);

    /// <summary>A subgraph needs values that are not among its inputs.</summary>
    public static readonly FaultCode OpenCut = new(7103, "the cut is not closed", ExitCode.Usage);

    /// <summary>Another program, which is not part of nncc, is needed and not installed, or fails.</summary>
    public static readonly FaultCode NoProgram = new(7105, "another program is needed", ExitCode.Unsupported);

    /// <summary>A file would be written over that is never written over.</summary>
    public static readonly FaultCode FileExists = new(7106, "the file is there already", ExitCode.ConstraintNotMet);
}
