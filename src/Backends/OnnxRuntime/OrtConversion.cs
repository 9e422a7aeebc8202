using System.Collections.Immutable;
using System.Text;
using Nncc.IR;

namespace Nncc.Backends.OnnxRuntime;

/// <summary>Contents of the IR to values of ONNX Runtime and back, by copying.</summary>
internal static unsafe class OrtConversion
{
    public static OrtValue ToOrt(OrtLibrary library, Datum datum) => datum switch
    {
        Tensor { DType: DType.String } tensor => Strings(library, tensor),
        Tensor { IsWide: true } tensor => Numbers(library, Tensor.FromDoubles(tensor.DType, tensor.Dims.AsSpan(), tensor.ToDoubles())),
        Tensor tensor => Numbers(library, tensor),
        SequenceDatum { Items.IsEmpty: true } => OrtEmptySequence.Make(library, datum.Type),
        SequenceDatum sequence => Compound(library, OrtKind.Sequence, sequence.Items),
        MapDatum map => Compound(library, OrtKind.Map, [map.Keys, map.Values]),
        OptionalDatum { Item: { } item } => ToOrt(library, item),
        // Version 1.30 ends the process when it is given one.
        OptionalDatum => throw new NnccException(FaultCodes.OrtData, $"ONNX Runtime cannot be given an absent value of type {datum.Type}"),
        _ => throw new NnccException(FaultCodes.OrtData, $"ONNX Runtime has no values of type {datum.Type}"),
    };

    public static Datum FromOrt(OrtValue value, IrType declared)
    {
        var api = value.Library.Api;
        int isThere;
        api.Check(api.HasValue(value.Pointer, &isThere), FaultCodes.OrtData);
        if (declared is OptionalType optional)
            return new OptionalDatum(optional.Element, isThere == 0 ? null : FromOrt(value, optional.Element));
        if (isThere == 0) throw new NnccException(FaultCodes.OrtData, "ONNX Runtime gave no value where the model declares one");
        OrtKind kind;
        api.Check(api.GetValueType(value.Pointer, &kind), FaultCodes.OrtData);
        switch (kind)
        {
            case OrtKind.Tensor:
                return ReadTensor(value);
            case OrtKind.Sequence:
                var element = declared is SequenceType s ? s.Element : IrType.Unknown;
                var items = Parts(value, element);
                return new SequenceDatum(element is UnknownType && items.Length > 0 ? items[0].Type : element, items);
            case OrtKind.Map:
                var parts = Parts(value, IrType.Unknown);
                return new MapDatum((Tensor)parts[0], parts[1]);
            default:
                throw new NnccException(FaultCodes.OrtData, $"ONNX Runtime gave a value of kind {kind}, which nncc does not read");
        }
    }

    private static OrtValue Numbers(OrtLibrary library, Tensor tensor)
    {
        var value = OrtValue.Allocate(library, tensor.DType, tensor.Dims.AsSpan());
        const int piece = 1 << 30;
        for (long at = 0; at < tensor.ByteCount; at += piece)
        {
            var bytes = tensor.Bytes(at, piece);
            bytes.CopyTo(new Span<byte>((byte*)value.Memory + at, bytes.Length));
        }
        return value;
    }

    private static OrtValue Strings(OrtLibrary library, Tensor tensor)
    {
        var value = OrtValue.Allocate(library, DType.String, tensor.Dims.AsSpan());
        var items = tensor.Strings;
        for (int i = 0; i < items.Length; i++)
        {
            int length = Encoding.UTF8.GetByteCount(items[i]);
            byte* buffer;
            library.Api.Check(library.Api.GetResizedStringTensorElementBuffer(value.Pointer, (nuint)i, (nuint)length, &buffer),
                FaultCodes.OrtData);
            Encoding.UTF8.GetBytes(items[i], new Span<byte>(buffer, length));
        }
        return value;
    }

    private static OrtValue Compound(OrtLibrary library, OrtKind kind, ImmutableArray<Datum> parts)
    {
        var values = new List<OrtValue>();
        try
        {
            foreach (var part in parts) values.Add(ToOrt(library, part));
            nint result;
            fixed (nint* pointers = values.Select(v => v.Pointer).ToArray())
                library.Api.Check(library.Api.CreateValue(pointers, (nuint)values.Count, kind, &result), FaultCodes.OrtData);
            return new OrtValue(library, result);
        }
        finally
        {
            // The compound holds its parts by itself.
            foreach (var value in values) value.Dispose();
        }
    }

    private static ImmutableArray<Datum> Parts(OrtValue value, IrType element)
    {
        var library = value.Library;
        nuint count;
        library.Api.Check(library.Api.GetValueCount(value.Pointer, &count), FaultCodes.OrtData);
        var result = ImmutableArray.CreateBuilder<Datum>((int)count);
        for (int i = 0; i < (int)count; i++)
        {
            nint part;
            library.Api.Check(library.Api.GetValue(value.Pointer, i, library.Allocator, &part), FaultCodes.OrtData);
            using var owned = new OrtValue(library, part);
            result.Add(FromOrt(owned, element));
        }
        return result.MoveToImmutable();
    }

    private static Tensor ReadTensor(OrtValue value)
    {
        var (dtype, dims) = value.TensorType;
        switch (dtype)
        {
            case DType.String: return ReadStrings(value, dims);
            case DType.Float32: return Read<float>(value, dtype, dims);
            case DType.Float64: return Read<double>(value, dtype, dims);
            case DType.Float16: return Read<Half>(value, dtype, dims);
            case DType.BFloat16: return Read<ushort>(value, dtype, dims);
            case DType.Int16: return Read<short>(value, dtype, dims);
            case DType.UInt16: return Read<ushort>(value, dtype, dims);
            case DType.Int32: return Read<int>(value, dtype, dims);
            case DType.UInt32: return Read<uint>(value, dtype, dims);
            case DType.Int64: return Read<long>(value, dtype, dims);
            case DType.UInt64: return Read<ulong>(value, dtype, dims);
            case DType.Int8: return Read<sbyte>(value, dtype, dims);
            case DType.Complex64: return Read<float>(value, dtype, dims);
            case DType.Complex128: return Read<double>(value, dtype, dims);
            case DType.Unknown:
                throw new NnccException(FaultCodes.OrtData, "ONNX Runtime gave a tensor of an element type that nncc does not know");
            default: return Read<byte>(value, dtype, dims);
        }
    }

    private static Tensor Read<T>(OrtValue value, DType dtype, long[] dims) where T : unmanaged
    {
        long count = dims.Aggregate(1L, (a, b) => checked(a * b));
        var items = new T[dtype.Bytes(count) / sizeof(T)];
        long bytes = (long)items.Length * sizeof(T);
        fixed (T* to = items)
            if (bytes > 0) Buffer.MemoryCopy(value.Memory, to, bytes, bytes);
        return Tensor.Of(dtype, dims, items);
    }

    private static Tensor ReadStrings(OrtValue value, long[] dims)
    {
        var api = value.Library.Api;
        var items = new string[dims.Aggregate(1L, (a, b) => checked(a * b))];
        if (items.Length == 0) return Tensor.Of(dims, items);
        nuint length;
        api.Check(api.GetStringTensorDataLength(value.Pointer, &length), FaultCodes.OrtData);
        byte[] text = new byte[checked((int)length)];
        nuint[] starts = new nuint[items.Length];
        fixed (byte* to = text)
        fixed (nuint* offsets = starts)
            api.Check(api.GetStringTensorContent(value.Pointer, to, length, offsets, (nuint)starts.Length), FaultCodes.OrtData);
        for (int i = 0; i < items.Length; i++)
        {
            int start = (int)starts[i], end = i + 1 < items.Length ? (int)starts[i + 1] : text.Length;
            items[i] = Encoding.UTF8.GetString(text, start, end - start);
        }
        return Tensor.Of(dims, items);
    }
}
