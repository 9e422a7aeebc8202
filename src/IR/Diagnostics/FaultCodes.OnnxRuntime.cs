namespace Nncc.IR;

public static partial class FaultCodes
{
    /// <summary>The shared library of ONNX Runtime is not where it was looked for.</summary>
    public static readonly FaultCode OrtMissing = new(6001, "the ONNX Runtime library is not there", ExitCode.ConstraintNotMet);

    /// <summary>A shared library was found, but it is not ONNX Runtime or older than the binding needs.</summary>
    public static readonly FaultCode OrtVersion = new(6002, "the ONNX Runtime library cannot be used", ExitCode.ConstraintNotMet);

    /// <summary>ONNX Runtime does not load the model.</summary>
    public static readonly FaultCode OrtModel = new(6003, "ONNX Runtime refuses the model", ExitCode.BadModel);

    /// <summary>ONNX Runtime has no implementation of something in the model.</summary>
    public static readonly FaultCode OrtUnsupported = new(6004, "ONNX Runtime does not implement the model", ExitCode.Unsupported);

    /// <summary>ONNX Runtime failed while it ran the model.</summary>
    public static readonly FaultCode OrtRun = new(6005, "ONNX Runtime failed", ExitCode.BadModel);

    /// <summary>A content does not fit the model's inputs or cannot be given to ONNX Runtime or taken from it.</summary>
    public static readonly FaultCode OrtData = new(6006, "data that ONNX Runtime does not take", ExitCode.BadModel);

    /// <summary>ONNX Runtime does not take a session option.</summary>
    public static readonly FaultCode OrtOption = new(6007, "ONNX Runtime refuses an option", ExitCode.Usage);

    /// <summary>A value that shall become an output does not exist in the model.</summary>
    public static readonly FaultCode OrtValueName = new(6008, "no value of that name", ExitCode.BadModel);
}
