using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Nncc.Backends.CSharp.Runtime;

/// <summary>
/// ONNX's tensors in protocol buffers: dims (field 1), data_type (2), and the elements in raw_data (9) or in one of float_data (4),
/// int32_data (5), int64_data (7), double_data (10), uint64_data (11).
/// </summary>
internal static class TensorProto
{
    /// <summary>The tensor in a file.</summary>
    public static TensorView Parse(ReadOnlySpan<byte> file)
    {
        var dims = new List<long>();
        var typed = new List<byte>();
        ElementType type = 0;
        byte[]? raw = null;
        while (!file.IsEmpty)
        {
            ulong key = Varint(ref file);
            int field = (int)(key >> 3), wire = (int)(key & 7);
            if (wire == 2)
            {
                ulong length = Varint(ref file);
                if (length > (ulong)file.Length) throw new InvalidDataException("it is cut off");
                var content = file[..(int)length];
                file = file[(int)length..];
                if (field == 9) raw = content.ToArray();
                else if (field is 1 or 4 or 5 or 7 or 10 or 11)
                    while (!content.IsEmpty) Add(field, field == 4 ? 5 : field == 10 ? 1 : 0, ref content);
                else if (field is 6 or 13) throw new InvalidDataException(field == 6 ? "it holds strings" : "its data lie in another file");
            }
            else Add(field, wire, ref file);
        }
        if (type == 0) throw new InvalidDataException("it has no element type");
        return TensorFiles.FromBytes(type, [.. dims], raw ?? Narrow(typed, type));

        void Add(int field, int wire, ref ReadOnlySpan<byte> bytes)
        {
            int fixedLength = wire == 5 ? 4 : 8;
            if (wire is 1 or 5)
            {
                if (bytes.Length < fixedLength) throw new InvalidDataException("it is cut off");
                if (field is 4 or 10) typed.AddRange(bytes[..fixedLength]);
                bytes = bytes[fixedLength..];
                return;
            }
            if (wire != 0) throw new InvalidDataException("it is no TensorProto");
            ulong value = Varint(ref bytes);
            if (field == 1) dims.Add((long)value);
            else if (field == 2)
                type = Enum.IsDefined((ElementType)value) ? (ElementType)value
                    : throw new InvalidDataException($"elements of ONNX type {value} are not supported");
            else if (field is 5 or 7 or 11) typed.AddRange(MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in value)));
        }
    }

    // Varints were kept as 64 bits each; narrower elements are their lower bytes.
    private static byte[] Narrow(List<byte> typed, ElementType type)
    {
        int size = type.Bytes();
        var bytes = CollectionsMarshal.AsSpan(typed);
        if (type is ElementType.Float32 or ElementType.Float64) return bytes.ToArray();
        var result = new byte[bytes.Length / 8 * size];
        for (int i = 0; i < result.Length / size; i++) bytes.Slice(i * 8, size).CopyTo(result.AsSpan(i * size));
        return result;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            if (bytes.IsEmpty) throw new InvalidDataException("it is cut off");
            byte part = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }
        throw new InvalidDataException("it is no TensorProto");
    }
}
