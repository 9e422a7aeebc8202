using System.Runtime.InteropServices;
using Nncc.IR;
using Nncc.IR.Onnx;

namespace Nncc.Backends.OnnxRuntime;

/// <summary>Types of ONNX Runtime's API to and from those of the IR.</summary>
internal static unsafe class OrtTypes
{
    /// <summary>The element type of a number (ONNXTensorElementDataType): as in onnx.proto but for the last three.</summary>
    public static DType Element(int number) => number switch
    {
        24 => DType.UInt2,
        25 => DType.Int2,
        26 => DType.Float8E8M0,
        _ => DTypes.IsDefined(number) ? (DType)number : DType.Unknown,
    };

    /// <summary>
    /// The numbers that make tensors of those three types. Version 1.30 reports the numbers above, but takes those of onnx.proto when it
    /// makes a tensor; so it is asked what comes of each. A type that the library does not have is left out.
    /// </summary>
    public static Dictionary<DType, int> ProbeNumbers(OrtApi api, nint allocator)
    {
        var result = new Dictionary<DType, int>();
        long one = 1;
        for (int number = 24; number <= 26; number++)
        {
            nint tensor, info;
            if (!api.Succeeds(api.CreateTensorAsOrtValue(allocator, &one, 1, number, &tensor))) continue;
            using var ownedTensor = new OrtHandle(api, OrtClass.Value, tensor);
            api.Check(api.GetTensorTypeAndShape(tensor, &info), FaultCodes.OrtVersion);
            using var ownedInfo = new OrtHandle(api, OrtClass.TensorTypeAndShapeInfo, info);
            result[ReadSizes(api, info).DType] = number;
        }
        return result;
    }

    /// <summary>The type that an OrtTypeInfo describes. Sizes are named as by the ONNX reader.</summary>
    public static IrType Read(OrtApi api, nint info, string valueName)
    {
        OrtKind kind;
        api.Check(api.GetOnnxTypeFromTypeInfo(info, &kind), FaultCodes.OrtModel);
        nint inner;
        switch (kind)
        {
            case OrtKind.Tensor:
                api.Check(api.CastTypeInfoToTensorInfo(info, &inner), FaultCodes.OrtModel);
                return ReadTensor(api, inner, valueName);
            case OrtKind.Sequence:
                api.Check(api.CastTypeInfoToSequenceTypeInfo(info, &inner), FaultCodes.OrtModel);
                return new SequenceType(ReadPart(api, api.GetSequenceElementType, inner, valueName));
            case OrtKind.Optional:
                api.Check(api.CastTypeInfoToOptionalTypeInfo(info, &inner), FaultCodes.OrtModel);
                return new OptionalType(ReadPart(api, api.GetOptionalContainedTypeInfo, inner, valueName));
            case OrtKind.Map:
                api.Check(api.CastTypeInfoToMapTypeInfo(info, &inner), FaultCodes.OrtModel);
                int key;
                api.Check(api.GetMapKeyType(inner, &key), FaultCodes.OrtModel);
                return new MapType(Element(key), ReadPart(api, api.GetMapValueType, inner, valueName));
            default:
                return IrType.Unknown;
        }
    }

    /// <summary>
    /// Element type and sizes of an OrtTensorTypeAndShapeInfo; a size that is not known is -1, a null array is an unknown rank.
    /// </summary>
    public static (DType DType, long[]? Dims) ReadSizes(OrtApi api, nint info)
    {
        int number;
        nuint rank;
        api.Check(api.GetTensorElementType(info, &number), FaultCodes.OrtData);
        if (api.TensorTypeAndShapeHasShape(info) == 0) return (Element(number), null);
        api.Check(api.GetDimensionsCount(info, &rank), FaultCodes.OrtData);
        long[] dims = new long[(int)rank];
        fixed (long* p = dims) api.Check(api.GetDimensions(info, p, rank), FaultCodes.OrtData);
        return (Element(number), dims);
    }

    private static TensorType ReadTensor(OrtApi api, nint info, string valueName)
    {
        var (dtype, sizes) = ReadSizes(api, info);
        if (sizes is null) return new TensorType(dtype, null);
        byte** names = stackalloc byte*[sizes.Length];
        if (sizes.Length > 0) api.Check(api.GetSymbolicDimensions(info, names, (nuint)sizes.Length), FaultCodes.OrtModel);
        var dims = new Dim[sizes.Length];
        for (int i = 0; i < dims.Length; i++)
        {
            string? name = Marshal.PtrToStringUTF8((nint)names[i]);
            dims[i] = sizes[i] >= 0 ? sizes[i] : string.IsNullOrEmpty(name) ? DimNames.Open(valueName, i) : DimNames.Named(name);
        }
        return new TensorType(dtype, new Shape([.. dims]));
    }

    private static IrType ReadPart(OrtApi api, delegate* unmanaged<nint, nint*, nint> part, nint from, string valueName)
    {
        nint info;
        api.Check(part(from, &info), FaultCodes.OrtModel);
        using var handle = new OrtHandle(api, OrtClass.TypeInfo, info);
        return Read(api, info, valueName);
    }
}
