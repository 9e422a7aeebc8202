namespace Nncc.IR;

public static partial class FaultCodes
{
    /// <summary>A file cannot be opened or read.</summary>
    public static readonly FaultCode FileAccess = new(2001, "a file cannot be read", ExitCode.BadModel);

    /// <summary>The file holds something else than an ONNX model.</summary>
    public static readonly FaultCode NotOnnx = new(2002, "not an ONNX model", ExitCode.BadModel);

    /// <summary>The file ends in the middle.</summary>
    public static readonly FaultCode Truncated = new(2003, "the file is cut off", ExitCode.BadModel);

    /// <summary>The bytes of the file contradict themselves.</summary>
    public static readonly FaultCode Malformed = new(2004, "the file is damaged", ExitCode.BadModel);

    /// <summary>The model is larger or deeper than nncc takes.</summary>
    public static readonly FaultCode Limit = new(2005, "beyond a limit of nncc", ExitCode.Unsupported);

    /// <summary>The IR version is not one that nncc reads.</summary>
    public static readonly FaultCode IrVersion = new(2006, "unsupported IR version", ExitCode.Unsupported);

    /// <summary>The opset version is not one that nncc reads, or is given twice.</summary>
    public static readonly FaultCode OpsetVersion = new(2007, "unsupported opset", ExitCode.Unsupported);

    /// <summary>A node's domain is not imported.</summary>
    public static readonly FaultCode OpsetImport = new(2008, "missing opset import", ExitCode.BadModel);

    /// <summary>No version of ONNX defines the operator.</summary>
    public static readonly FaultCode NoSuchOp = new(2009, "no version of ONNX has the operator", ExitCode.BadModel);

    /// <summary>The operator exists, but not in the model's opset.</summary>
    public static readonly FaultCode OpNotInOpset = new(2010, "the opset has no such operator", ExitCode.BadModel);

    /// <summary>A name is used that nothing defines.</summary>
    public static readonly FaultCode Undefined = new(2011, "undefined name", ExitCode.BadModel);

    /// <summary>A name is defined twice.</summary>
    public static readonly FaultCode Duplicate = new(2012, "a name is defined twice", ExitCode.BadModel);

    /// <summary>A tensor's element type, sizes and data do not fit each other.</summary>
    public static readonly FaultCode TensorData = new(2013, "wrong tensor data", ExitCode.BadModel);

    /// <summary>A declared type cannot be read or contradicts what the nodes give.</summary>
    public static readonly FaultCode DeclaredType = new(2014, "wrong declared type", ExitCode.BadModel);

    /// <summary>A file of external data is absent or too short.</summary>
    public static readonly FaultCode ExternalData = new(2015, "external data are missing", ExitCode.BadModel);

    /// <summary>External data are said to be outside of the model's folder.</summary>
    public static readonly FaultCode ExternalPath = new(2016, "external data outside of the model's folder", ExitCode.BadModel);

    /// <summary>A model-local function is wrong or is called wrongly.</summary>
    public static readonly FaultCode Function = new(2017, "wrong function", ExitCode.BadModel);

    /// <summary>The graph cannot be written at the demanded opset.</summary>
    public static readonly FaultCode OpsetDemand = new(2101, "the opset cannot hold the graph", ExitCode.ConstraintNotMet);

    /// <summary>The output cannot be written.</summary>
    public static readonly FaultCode FileWrite = new(2102, "a file cannot be written", ExitCode.BadModel);

    /// <summary>A graph holds what ONNX has no form for.</summary>
    public static readonly FaultCode NoOnnxForm = new(2103, "ONNX has no form for it", ExitCode.Unsupported);

    /// <summary>An ONNX file breaks a rule of the format.</summary>
    public static readonly FaultCode Structure = new(2104, "the ONNX file breaks a rule", ExitCode.BadModel);

    /// <summary>A data file cannot be understood.</summary>
    public static readonly FaultCode DataFile = new(2201, "wrong data file", ExitCode.BadModel);
}
