namespace Nncc.IR;

public static partial class FaultCodes
{
    /// <summary>There is no target profile of that name.</summary>
    public static readonly FaultCode UnknownTarget = new(5001, "unknown target", ExitCode.Usage);

    /// <summary>A target profile is malformed or absurd.</summary>
    public static readonly FaultCode BadTarget = new(5002, "bad target profile", ExitCode.BadModel);

    /// <summary>No kernel computes this node on this target.</summary>
    public static readonly FaultCode NoKernel = new(5003, "no kernel for a node", ExitCode.Unsupported);

    /// <summary>The C# backend needs sizes that are not bound.</summary>
    public static readonly FaultCode UnboundSizes = new(5004, "sizes are not bound", ExitCode.Unsupported);

    /// <summary>This machine lacks what the target's code needs.</summary>
    public static readonly FaultCode TargetNotHere = new(5005, "this machine cannot run the target", ExitCode.ConstraintNotMet);

    /// <summary>A name for a class or namespace is no C# name.</summary>
    public static readonly FaultCode BadName = new(5006, "not a C# name", ExitCode.Usage);

    /// <summary>There is no fusion strategy of that name.</summary>
    public static readonly FaultCode UnknownStrategy = new(5007, "unknown fusion strategy", ExitCode.Usage);

    /// <summary>An input or output is of a type that emitted C# cannot hold.</summary>
    public static readonly FaultCode PortType = new(5008, "an input or output that C# does not hold", ExitCode.Unsupported);

    /// <summary>A plan cannot be read, is for another model or target, or says what is not legal.</summary>
    public static readonly FaultCode BadPlan = new(5009, "the plan cannot be followed", ExitCode.Usage);

    /// <summary>A file of measurements cannot be read, or they are of other programs.</summary>
    public static readonly FaultCode BadMeasurement = new(5010, "the measurement cannot be merged", ExitCode.Usage);
}
