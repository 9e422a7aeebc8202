namespace Nncc.IR;

public static partial class FaultCodes
{
    /// <summary>A graph breaks a rule that every graph keeps: order, operands, types, bodies, stages, names.</summary>
    public static readonly FaultCode Inconsistent = new(3003, "the graph is inconsistent", ExitCode.BadModel);

    /// <summary>Bodies of control flow lie too deep in bodies.</summary>
    public static readonly FaultCode Nesting = new(3004, "bodies are nested too deep", ExitCode.Unsupported);
}
