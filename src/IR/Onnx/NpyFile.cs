using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Nncc.IR.Onnx;

/// <summary>
/// NumPy's array format (.npy), versions 1 to 3: little and big endian, C and Fortran order; bool, integers, floats of 16, 32 and 64 bits,
/// complex numbers, texts. Source: numpy.lib.format of NumPy's documentation.
/// </summary>
internal static partial class NpyFile
{
    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads an array.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="expected">What an element type is that NumPy has no name for (bfloat16 and the like are saved as raw bytes).</param>
    /// <exception cref="NnccException">The bytes are no such file; the place is the caller's to add.</exception>
    public static Tensor Read(ReadOnlySpan<byte> bytes, DType? expected)
    {
        if (bytes.Length < 10 || !bytes.StartsWith(Magic)) throw Wrong("it is no NumPy array");
        int version = bytes[6], lengthBytes = version == 1 ? 2 : 4;
        if (version is < 1 or > 3) throw Wrong($"it is a NumPy array of version {version}; nncc reads 1 to 3");
        if (bytes.Length < 8 + lengthBytes) throw Wrong("its header is cut off");
        long length = version == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..])
            : BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (length > bytes.Length - 8 - lengthBytes) throw Wrong("its header is cut off");
        string header = Encoding.UTF8.GetString(bytes.Slice(8 + lengthBytes, (int)length));
        var data = bytes[(8 + lengthBytes + (int)length)..];
        var descr = Descr().Match(header);
        var order = Order().Match(header);
        var shape = ShapeText().Match(header);
        if (!descr.Success) throw Wrong("its elements are records or have no type", "save plain arrays");
        if (!order.Success || !shape.Success) throw Wrong("its header names no order or shape");
        long[] dims = [.. shape.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(Size)];
        return Read(data, descr.Groups[1].Value[0], descr.Groups[2].Value[0],
            int.Parse(descr.Groups[3].Value, CultureInfo.InvariantCulture), order.Groups[1].Value == "True", dims, expected);
    }

    /// <summary>The file of a tensor: version 1, C order, little endian.</summary>
    /// <exception cref="NnccException">NumPy has no such element type.</exception>
    public static void Write(Tensor tensor, Stream stream)
    {
        int width = 0;
        if (tensor.DType == DType.String)
            foreach (string text in tensor.Strings) width = Math.Max(width, text.EnumerateRunes().Count());
        string descr = tensor.DType == DType.String ? $"<U{Math.Max(width, 1)}" : Types.FirstOrDefault(t => t.Value == tensor.DType)
            .Key is { } name ? (name[1] == '1' ? "|" : "<") + name
            : throw new NnccException(FaultCodes.DataFile, $"NumPy has no element type {tensor.DType.Name()}", advice: "write a .pb file");
        string shape = tensor.Rank == 1 ? $"({tensor.Dims[0]},)" : $"({string.Join(", ", tensor.Dims)})";
        string header = $"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}";
        int padded = (10 + header.Length + 1 + 63) / 64 * 64 - 10;
        Span<byte> start = [.. Magic, 1, 0, 0, 0];
        BinaryPrimitives.WriteUInt16LittleEndian(start[8..], (ushort)padded);
        stream.Write(start);
        stream.Write(Encoding.ASCII.GetBytes(header.PadRight(padded - 1) + '\n'));
        if (tensor.DType == DType.String)
            foreach (string text in tensor.Strings)
            {
                byte[] cell = new byte[4 * Math.Max(width, 1)];
                Encoding.UTF32.GetBytes(text, cell);
                stream.Write(cell);
            }
        else
            for (long at = 0; at < tensor.ByteCount; at += 1 << 20) stream.Write(tensor.Bytes(at, 1 << 20));
    }

    private static readonly SortedDictionary<string, DType> Types = new(StringComparer.Ordinal)
    {
        ["b1"] = DType.Bool, ["i1"] = DType.Int8, ["i2"] = DType.Int16, ["i4"] = DType.Int32, ["i8"] = DType.Int64,
        ["u1"] = DType.UInt8, ["u2"] = DType.UInt16, ["u4"] = DType.UInt32, ["u8"] = DType.UInt64,
        ["f2"] = DType.Float16, ["f4"] = DType.Float32, ["f8"] = DType.Float64, ["c8"] = DType.Complex64, ["c16"] = DType.Complex128,
    };

    private static Tensor Read(ReadOnlySpan<byte> data, char endian, char kind, int size, bool isFortran, long[] dims, DType? expected)
    {
        Int128 count = 1;
        foreach (long dim in dims)
            if ((count *= dim) > long.MaxValue)
                throw new NnccException(FaultCodes.SizeOverflow, $"the product of its sizes [{string.Join("x", dims)}] is beyond 64 bits");
        int cell = kind == 'U' ? checked(4 * Math.Min(size, 1 << 28)) : size;
        if (count * cell != data.Length)
            throw Wrong($"[{string.Join("x", dims)}] takes {count * cell} bytes, and the file has {data.Length}");
        byte[] items = isFortran && dims.Length > 1 ? ToRowMajor(data, dims, cell) : data.ToArray();
        if (kind is 'U' or 'S') return Tensor.Of(dims, Texts(items, kind, cell, endian == '>', (int)count));
        DType dtype = kind == 'V' && expected is { } wanted && wanted.Bits() == 8 * size ? wanted
            : Types.TryGetValue($"{kind}{size}", out var known) ? known :
                throw Wrong($"its elements are of NumPy's type {kind}{size}", "save it as an array of numbers");
        if (endian == '>' && size > 1) Swap(items, kind == 'c' ? size / 2 : size);
        if (dtype == DType.Bool)
            for (int i = 0; i < items.Length; i++) items[i] = items[i] == 0 ? (byte)0 : (byte)1;
        return Tensor.Of(dtype, dims, items);
    }

    // The first axis varies fastest in the file.
    private static byte[] ToRowMajor(ReadOnlySpan<byte> data, long[] dims, int cell)
    {
        var result = new byte[data.Length];
        var index = new long[dims.Length];
        var strides = new long[dims.Length];
        long stride = 1, from = 0;
        for (int axis = 0; axis < dims.Length; axis++) (strides[axis], stride) = (stride, stride * dims[axis]);
        for (long to = 0; to < (cell == 0 ? 0 : data.Length / cell); to++)
        {
            data.Slice((int)(from * cell), cell).CopyTo(result.AsSpan((int)(to * cell)));
            for (int axis = dims.Length - 1; axis >= 0; axis--)
            {
                from += strides[axis];
                if (++index[axis] < dims[axis]) break;
                from -= dims[axis] * strides[axis];
                index[axis] = 0;
            }
        }
        return result;
    }

    private static string[] Texts(byte[] items, char kind, int cell, bool isBigEndian, int count)
    {
        var encoding = new UTF32Encoding(isBigEndian, byteOrderMark: false);
        var texts = new string[count];
        for (int i = 0; i < count; i++)
        {
            var bytes = items.AsSpan(i * cell, cell);
            texts[i] = kind == 'U' ? encoding.GetString(bytes).TrimEnd('\0') : ByteText.Decode(bytes.TrimEnd((byte)0));
        }
        return texts;
    }

    private static void Swap(byte[] items, int size)
    {
        for (int at = 0; at < items.Length; at += size) items.AsSpan(at, size).Reverse();
    }

    private static long Size(string text) => long.TryParse(text.TrimEnd('L'), NumberStyles.None, CultureInfo.InvariantCulture,
        out long size) ? size
        : throw Wrong($"{Names.Quote(text)} is no size");

    private static NnccException Wrong(string message, string? advice = null) => new(FaultCodes.DataFile, message, advice: advice);

    [GeneratedRegex(@"'descr'\s*:\s*'([<>|=]?)([a-zA-Z])(\d{1,9})'")]
    private static partial Regex Descr();

    [GeneratedRegex(@"'fortran_order'\s*:\s*(True|False)")]
    private static partial Regex Order();

    [GeneratedRegex(@"'shape'\s*:\s*\(([^)]*)\)")]
    private static partial Regex ShapeText();
}
