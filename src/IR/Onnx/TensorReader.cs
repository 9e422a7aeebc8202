using System.Buffers.Binary;
using Google.Protobuf.Collections;
using Nncc.IR.Onnx.Proto;

namespace Nncc.IR.Onnx;

/// <summary>
/// TensorProto to <see cref="Tensor"/>: all element types, every place where elements may stand. Elements that lie in the file as
/// ONNX's raw form stay there: the tensor is a slice of the mapped file, aligned or not (the processors that .NET 10 runs
/// on load unaligned elements; a slice behind a protobuf tag cannot choose its address). Nothing is allocated before data of that
/// size were seen.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="places">Where elements lie in it.</param>
/// <param name="external">Files beside it.</param>
internal sealed class TensorReader(FileBytes file, IReadOnlyList<WirePlace> places, ExternalData external)
{
    // A sparse tensor is small in the file and may be huge in memory.
    private const long MaxDenseBytes = 1L << 30;

    /// <summary>The tensor.</summary>
    /// <exception cref="NnccException">Type, sizes and data do not fit; the place is the caller's to add.</exception>
    public unsafe Tensor Read(TensorProto proto)
    {
        if (!DTypes.IsDefined(proto.DataType)) throw Wrong($"its element type is {proto.DataType}, which onnx.proto does not define");
        if (proto.Segment is not null) throw Wrong("it is a segment of a larger tensor");
        var dtype = (DType)proto.DataType;
        long[] dims = [.. proto.Dims];
        long count = Count(dims), bytes = Bytes(dtype, dims, count);
        if (proto.DataLocation == TensorProto.Types.DataLocation.External)
        {
            if (dtype == DType.String) throw Wrong("strings cannot be external data");
            return external.Find(proto.ExternalData, bytes) is var (data, offset)
                ? Truths(Tensor.Mapped(dtype, dims, data.Start + offset, data))
                : Tensor.WithoutContent(dtype, dims, "they are in a file beside the model that is absent");
        }
        int lists = Given(proto.FloatData) + Given(proto.Int32Data) + Given(proto.Int64Data) + Given(proto.DoubleData)
            + Given(proto.Uint64Data) + Given(proto.StringData);
        if (lists + (proto.HasRawData ? 1 : 0) > 1) throw Wrong("its elements are given more than once");
        if (proto.HasRawData) return Raw(proto, dtype, dims, bytes);
        if (lists == 0 && count > 0) throw Wrong($"{Describe(dtype, dims)} has no elements in the file");
        return (dtype, proto) switch
        {
            (DType.String, _) => Tensor.Of(dtype, dims, Check([.. proto.StringData.Select(s => ByteText.Decode(s.Span))], count)),
            (DType.Float32, _) => Tensor.Of(dtype, dims, Check([.. proto.FloatData], count)),
            (DType.Complex64, _) => Tensor.Of(dtype, dims, Check([.. proto.FloatData], checked(2 * count))),
            (DType.Float64, _) => Tensor.Of(dtype, dims, Check([.. proto.DoubleData], count)),
            (DType.Complex128, _) => Tensor.Of(dtype, dims, Check([.. proto.DoubleData], checked(2 * count))),
            (DType.Int64, _) => Tensor.Of(dtype, dims, Check([.. proto.Int64Data], count)),
            (DType.UInt64, _) => Tensor.Of(dtype, dims, Check([.. proto.Uint64Data], count)),
            (DType.UInt32, _) => Tensor.Of(dtype, dims, Check([.. proto.Uint64Data.Select(n => (uint)n)], count)),
            (DType.Int32, _) => Tensor.Of(dtype, dims, Check([.. proto.Int32Data], count)),
            (DType.Bool, _) => Tensor.Of(dtype, dims, Check([.. proto.Int32Data.Select(n => n != 0)], count)),
            _ when dtype.Bits() == 16 => Tensor.Of(dtype, dims, Check([.. proto.Int32Data.Select(n => (ushort)n)], count)),
            _ => Tensor.Of(dtype, dims, Check([.. proto.Int32Data.Select(n => (byte)n)], bytes)), // 8 bits, or several elements a byte
        };
    }

    /// <summary>A sparse tensor with its zeros.</summary>
    /// <exception cref="NnccException">Values, places and sizes do not fit.</exception>
    public Tensor Dense(SparseTensorProto proto)
    {
        if (proto.Values is null) throw Wrong("a sparse tensor has no values");
        var values = Read(proto.Values);
        var indices = proto.Indices is null ? Tensor.Vector<long>() : Read(proto.Indices);
        long[] dims = [.. proto.Dims];
        long count = Count(dims), bytes = Bytes(values.DType, dims, count);
        if (values.DType == DType.String || values.ElementSize == 0)
            throw Wrong($"sparse tensors of {values.DType.Name()} are not supported");
        if (bytes > MaxDenseBytes)
            throw new NnccException(FaultCodes.Limit,
                $"a sparse tensor would take {bytes} bytes with its zeros, more than {MaxDenseBytes}");
        if (values.Rank != 1 || indices.DType != DType.Int64 || indices.Rank is < 1 or > 2 || indices.Dims[0] != values.Count
            || (indices.Rank == 2 && indices.Dims[1] != dims.Length))
            throw Wrong($"a sparse tensor {Describe(values.DType, dims)} has values {values.Type} and indices {indices.Type}");
        var dense = new byte[bytes];
        var places = indices.ToLongs();
        int width = indices.Rank == 1 ? 1 : dims.Length, size = values.ElementSize;
        for (long i = 0; i < values.Count; i++)
        {
            long place = indices.Rank == 1 ? places[i] : 0;
            for (int axis = 0; axis < width && indices.Rank == 2; axis++)
            {
                long coordinate = places[i * width + axis];
                if (coordinate < 0 || coordinate >= dims[axis])
                    throw Wrong($"index {coordinate} of a sparse tensor is outside of axis {axis} of {Describe(values.DType, dims)}");
                place = place * dims[axis] + coordinate;
            }
            if (place < 0 || place >= count) throw Wrong($"index {place} of a sparse tensor is outside of {Describe(values.DType, dims)}");
            values.Bytes(i * size, size).CopyTo(dense.AsSpan((int)(place * size)));
        }
        return Tensor.Of(values.DType, dims, dense);
    }

    private unsafe Tensor Raw(TensorProto proto, DType dtype, long[] dims, long bytes)
    {
        if (dtype == DType.String) throw Wrong("strings cannot be raw data");
        var place = places[BinaryPrimitives.ReadInt32LittleEndian(proto.RawData.Span)];
        if ((place.Field == 4 && dtype is not (DType.Float32 or DType.Complex64))
            || (place.Field == 10 && dtype is not (DType.Float64 or DType.Complex128)))
        {
            if (place.Length > 0 || bytes > 0)
                throw Wrong($"elements of {dtype.Name()} do not stand in {(place.Field == 4 ? "float_data" : "double_data")}");
        }
        if (place.Length != bytes) throw Wrong($"{Describe(dtype, dims)} takes {bytes} bytes, and the file gives {place.Length}");
        return Truths(Tensor.Mapped(dtype, dims, file.Start + place.Offset, file));
    }

    // A truth value is 0 or 1; other bytes, which some tools write for true, are brought to it.
    private static Tensor Truths(Tensor tensor)
    {
        if (tensor.DType != DType.Bool) return tensor;
        const int piece = 1 << 20;
        bool clean = true;
        for (long at = 0; at < tensor.Count && clean; at += piece)
            clean = tensor.Bytes(at, piece).IndexOfAnyExceptInRange((byte)0, (byte)1) < 0;
        if (clean) return tensor;
        if (tensor.Count > Array.MaxLength)
            throw new NnccException(FaultCodes.Limit, $"{tensor.Type} holds bytes that are neither 0 nor 1 and is too large to correct");
        var truths = new bool[tensor.Count];
        for (int i = 0; i < truths.Length; i++) truths[i] = tensor.Bytes(i, 1)[0] != 0;
        return Tensor.Of(tensor.Dims.AsSpan(), truths);
    }

    private static long Count(long[] dims)
    {
        Int128 count = 1;
        foreach (long dim in dims)
        {
            if (dim < 0) throw Wrong($"it has the negative size {dim}");
            count *= dim;
            if (count > long.MaxValue)
                throw new NnccException(FaultCodes.SizeOverflow, $"the product of its sizes [{string.Join("x", dims)}] is beyond 64 bits");
        }
        return (long)count;
    }

    private static long Bytes(DType dtype, long[] dims, long count)
    {
        var bytes = ((Int128)count * dtype.Bits() + 7) / 8;
        return bytes <= long.MaxValue ? (long)bytes
            : throw new NnccException(FaultCodes.SizeOverflow, $"{Describe(dtype, dims)} takes more than 2^63 bytes");
    }

    private static T[] Check<T>(T[] items, long count) => items.Length == count ? items
        : throw Wrong($"its type takes {count} elements, and the file gives {items.Length}");

    private static int Given<T>(RepeatedField<T> list) => list.Count > 0 ? 1 : 0;

    private static string Describe(DType dtype, long[] dims) => $"{dtype.Name()}[{string.Join("x", dims)}]";

    private static NnccException Wrong(string message) => new(FaultCodes.TensorData, message);
}
