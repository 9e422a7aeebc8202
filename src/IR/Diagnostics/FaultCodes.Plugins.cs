namespace Nncc.IR;

public static partial class FaultCodes
{
    /// <summary>A file is no plugin, is one for another version of the contract, or misses what it depends on.</summary>
    public static readonly FaultCode PluginLoad = new(3301, "a plugin cannot be loaded", ExitCode.Usage);

    /// <summary>A plugin threw, or gave a graph that does not verify.</summary>
    public static readonly FaultCode PluginFailed = new(3302, "a plugin failed", ExitCode.ConstraintNotMet);
}
