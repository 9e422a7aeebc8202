using System.Runtime.InteropServices;
using Nncc.IR;

namespace Nncc.Backends.OnnxRuntime;

/// <summary>
/// The functions of ONNX Runtime's C API that this binding uses: entries of the table that <c>OrtGetApiBase()->GetApi(version)</c>
/// returns. The table only ever grows at its end, so that a place is the same in every version. Objects of the API are opaque
/// pointers (<c>nint</c>); functions that can fail return a status, which is zero for success and goes through <see cref="Check"/>.
/// Source: onnxruntime_c_api.h of ONNX Runtime.
/// </summary>
/// <param name="table">The table.</param>
internal sealed unsafe class OrtApi(nint* table)
{
    /// <summary>The API version whose table is asked for: the least that has every function below.</summary>
    public const int Version = 24;

    // Status
    public delegate* unmanaged<nint, OrtErrorCode> GetErrorCode => (delegate* unmanaged<nint, OrtErrorCode>)table[1];
    public delegate* unmanaged<nint, byte*> GetErrorMessage => (delegate* unmanaged<nint, byte*>)table[2];
    public delegate* unmanaged<byte*> GetBuildInfoString => (delegate* unmanaged<byte*>)table[254];

    // Environment (logging function, its parameter, level, log id, result) and default allocator
    public delegate* unmanaged<nint, nint, OrtLogLevel, byte*, nint*, nint> CreateEnvWithCustomLogger =>
        (delegate* unmanaged<nint, nint, OrtLogLevel, byte*, nint*, nint>)table[4];
    public delegate* unmanaged<nint*, nint> GetAllocatorWithDefaultOptions => (delegate* unmanaged<nint*, nint>)table[78];
    public delegate* unmanaged<nint, void*, nint> AllocatorFree => (delegate* unmanaged<nint, void*, nint>)table[76];
    public delegate* unmanaged<int, int, nint*, nint> CreateCpuMemoryInfo => (delegate* unmanaged<int, int, nint*, nint>)table[69];

    // Session options; paths are UTF-8 but on Windows, where they are UTF-16
    public delegate* unmanaged<nint*, nint> CreateSessionOptions => (delegate* unmanaged<nint*, nint>)table[10];
    public delegate* unmanaged<nint, byte*, nint> SetOptimizedModelFilePath => (delegate* unmanaged<nint, byte*, nint>)table[11];
    public delegate* unmanaged<nint, int, nint> SetSessionExecutionMode => (delegate* unmanaged<nint, int, nint>)table[13];
    public delegate* unmanaged<nint, nint> DisableMemPattern => (delegate* unmanaged<nint, nint>)table[17];
    public delegate* unmanaged<nint, nint> DisableCpuMemArena => (delegate* unmanaged<nint, nint>)table[19];
    public delegate* unmanaged<nint, byte*, nint> SetSessionLogId => (delegate* unmanaged<nint, byte*, nint>)table[20];
    public delegate* unmanaged<nint, OrtLogLevel, nint> SetSessionLogSeverityLevel =>
        (delegate* unmanaged<nint, OrtLogLevel, nint>)table[22];
    public delegate* unmanaged<nint, OrtOptimization, nint> SetSessionGraphOptimizationLevel =>
        (delegate* unmanaged<nint, OrtOptimization, nint>)table[23];
    public delegate* unmanaged<nint, int, nint> SetIntraOpNumThreads => (delegate* unmanaged<nint, int, nint>)table[24];
    public delegate* unmanaged<nint, int, nint> SetInterOpNumThreads => (delegate* unmanaged<nint, int, nint>)table[25];
    public delegate* unmanaged<nint, byte*, long, nint> AddFreeDimensionOverrideByName =>
        (delegate* unmanaged<nint, byte*, long, nint>)table[124];
    public delegate* unmanaged<nint, byte*, byte*, nint> AddSessionConfigEntry => (delegate* unmanaged<nint, byte*, byte*, nint>)table[130];

    // Sessions
    public delegate* unmanaged<nint, byte*, nint, nint*, nint> CreateSession =>
        (delegate* unmanaged<nint, byte*, nint, nint*, nint>)table[7];
    public delegate* unmanaged<nint, byte*, nuint, nint, nint*, nint> CreateSessionFromArray =>
        (delegate* unmanaged<nint, byte*, nuint, nint, nint*, nint>)table[8];

    /// <summary>
    /// Session, run options, input names, inputs, their number, output names, their number, outputs (null: to be allocated).
    /// </summary>
    public delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint> Run =>
        (delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint>)table[9];
    public delegate* unmanaged<nint*, nint> CreateRunOptions => (delegate* unmanaged<nint*, nint>)table[39];
    public delegate* unmanaged<nint, nint> RunOptionsSetTerminate => (delegate* unmanaged<nint, nint>)table[46];

    /// <summary>Number, type and name of inputs, outputs and overridable initializers stand three apart in this order.</summary>
    public delegate* unmanaged<nint, nuint*, nint> SessionGetCount(OrtPort port) =>
        (delegate* unmanaged<nint, nuint*, nint>)table[30 + (int)port];
    public delegate* unmanaged<nint, nuint, nint*, nint> SessionGetTypeInfo(OrtPort port) =>
        (delegate* unmanaged<nint, nuint, nint*, nint>)table[33 + (int)port];
    public delegate* unmanaged<nint, nuint, nint, byte**, nint> SessionGetName(OrtPort port) =>
        (delegate* unmanaged<nint, nuint, nint, byte**, nint>)table[36 + (int)port];

    // Values
    public delegate* unmanaged<nint, long*, nuint, int, nint*, nint> CreateTensorAsOrtValue =>
        (delegate* unmanaged<nint, long*, nuint, int, nint*, nint>)table[48];
    public delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint> CreateTensorWithDataAsOrtValue =>
        (delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint>)table[49];
    public delegate* unmanaged<nint, void**, nint> GetTensorMutableData => (delegate* unmanaged<nint, void**, nint>)table[51];

    /// <summary>String tensor, index of the element, its length in bytes, where to write it.</summary>
    public delegate* unmanaged<nint, nuint, nuint, byte**, nint> GetResizedStringTensorElementBuffer =>
        (delegate* unmanaged<nint, nuint, nuint, byte**, nint>)table[252];
    public delegate* unmanaged<nint, nuint*, nint> GetStringTensorDataLength => (delegate* unmanaged<nint, nuint*, nint>)table[53];
    public delegate* unmanaged<nint, byte*, nuint, nuint*, nuint, nint> GetStringTensorContent =>
        (delegate* unmanaged<nint, byte*, nuint, nuint*, nuint, nint>)table[54];
    public delegate* unmanaged<nint, nint*, nint> GetTensorTypeAndShape => (delegate* unmanaged<nint, nint*, nint>)table[65];
    public delegate* unmanaged<nint, OrtKind*, nint> GetValueType => (delegate* unmanaged<nint, OrtKind*, nint>)table[67];
    public delegate* unmanaged<nint, int, nint, nint*, nint> GetValue => (delegate* unmanaged<nint, int, nint, nint*, nint>)table[80];
    public delegate* unmanaged<nint, nuint*, nint> GetValueCount => (delegate* unmanaged<nint, nuint*, nint>)table[81];
    public delegate* unmanaged<nint*, nuint, OrtKind, nint*, nint> CreateValue =>
        (delegate* unmanaged<nint*, nuint, OrtKind, nint*, nint>)table[82];
    public delegate* unmanaged<nint, int*, nint> HasValue => (delegate* unmanaged<nint, int*, nint>)table[192];

    // Types; what a cast gives belongs to the type it was cast from
    public delegate* unmanaged<nint, OrtKind*, nint> GetOnnxTypeFromTypeInfo => (delegate* unmanaged<nint, OrtKind*, nint>)table[56];
    public delegate* unmanaged<nint, nint*, nint> CastTypeInfoToTensorInfo => (delegate* unmanaged<nint, nint*, nint>)table[55];
    public delegate* unmanaged<nint, nint*, nint> CastTypeInfoToMapTypeInfo => (delegate* unmanaged<nint, nint*, nint>)table[103];
    public delegate* unmanaged<nint, nint*, nint> CastTypeInfoToSequenceTypeInfo => (delegate* unmanaged<nint, nint*, nint>)table[104];
    public delegate* unmanaged<nint, nint*, nint> CastTypeInfoToOptionalTypeInfo => (delegate* unmanaged<nint, nint*, nint>)table[250];
    public delegate* unmanaged<nint, int*, nint> GetMapKeyType => (delegate* unmanaged<nint, int*, nint>)table[105];
    public delegate* unmanaged<nint, nint*, nint> GetMapValueType => (delegate* unmanaged<nint, nint*, nint>)table[106];
    public delegate* unmanaged<nint, nint*, nint> GetSequenceElementType => (delegate* unmanaged<nint, nint*, nint>)table[107];
    public delegate* unmanaged<nint, nint*, nint> GetOptionalContainedTypeInfo => (delegate* unmanaged<nint, nint*, nint>)table[251];
    public delegate* unmanaged<nint, int*, nint> GetTensorElementType => (delegate* unmanaged<nint, int*, nint>)table[60];
    public delegate* unmanaged<nint, nuint*, nint> GetDimensionsCount => (delegate* unmanaged<nint, nuint*, nint>)table[61];
    public delegate* unmanaged<nint, long*, nuint, nint> GetDimensions => (delegate* unmanaged<nint, long*, nuint, nint>)table[62];
    public delegate* unmanaged<nint, byte**, nuint, nint> GetSymbolicDimensions =>
        (delegate* unmanaged<nint, byte**, nuint, nint>)table[63];
    public delegate* unmanaged<nint, byte> TensorTypeAndShapeHasShape => (delegate* unmanaged<nint, byte>)table[390];

    /// <summary>The function that frees objects of a class.</summary>
    public delegate* unmanaged<nint, void> Release(OrtClass kind) => (delegate* unmanaged<nint, void>)table[(int)kind];

    /// <summary>
    /// Throws a failed call's text as a fault of this code (or, where ONNX Runtime says it lacks something, of that code).
    /// </summary>
    public void Check(nint status, FaultCode code, string? place = null, string? advice = null)
    {
        if (status == 0) return;
        var error = GetErrorCode(status);
        string message = (Marshal.PtrToStringUTF8((nint)GetErrorMessage(status)) ?? "").Trim().ReplaceLineEndings(" ");
        Release(OrtClass.Status)(status);
        throw new NnccException(error == OrtErrorCode.NotImplemented ? FaultCodes.OrtUnsupported : code,
            $"ONNX Runtime: {message} [{error}]", place, advice);
    }

    /// <summary>Whether a call went well, where failing is an answer.</summary>
    public bool Succeeds(nint status)
    {
        if (status != 0) Release(OrtClass.Status)(status);
        return status == 0;
    }
}

/// <summary>The classes of objects that are freed; the numbers are the places of the freeing functions.</summary>
internal enum OrtClass
{
    Status = 93,
    MemoryInfo = 94,
    Session = 95,
    Value = 96,
    RunOptions = 97,
    TypeInfo = 98,
    TensorTypeAndShapeInfo = 99,
    SessionOptions = 100,
}

/// <summary>What a session lists, in the order of the API's functions.</summary>
internal enum OrtPort
{
    Input,
    Output,
    OverridableInitializer,
}

/// <summary>Kinds of values (ONNXType).</summary>
internal enum OrtKind
{
    Unknown,
    Tensor,
    Sequence,
    Map,
    Opaque,
    SparseTensor,
    Optional,
}

/// <summary>Why a call failed.</summary>
internal enum OrtErrorCode
{
    Ok,
    Fail,
    InvalidArgument,
    NoSuchFile,
    NoModel,
    EngineError,
    RuntimeException,
    InvalidProtobuf,
    ModelLoaded,
    NotImplemented,
    InvalidGraph,
    ExecutionProviderFail,
}
