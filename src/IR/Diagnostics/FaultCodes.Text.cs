namespace Nncc.IR;

public static partial class FaultCodes
{
    /// <summary>Text is not in the .nnir form.</summary>
    public static readonly FaultCode Text = new(2901, ".nnir text cannot be read", ExitCode.BadModel);

    /// <summary>The text shows hashes in place of tensors.</summary>
    public static readonly FaultCode TextElided = new(2902, ".nnir text without its tensors cannot be read", ExitCode.BadModel);
}
