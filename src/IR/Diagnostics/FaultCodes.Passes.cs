namespace Nncc.IR;

public static partial class FaultCodes
{
    /// <summary>An option names an input or a size that the model does not have, or says of one what cannot be.</summary>
    public static readonly FaultCode Binding = new(3005, "an option does not fit the model's inputs", ExitCode.Usage);
}
