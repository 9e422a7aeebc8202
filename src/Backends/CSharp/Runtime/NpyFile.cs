using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Nncc.Backends.CSharp.Runtime;

/// <summary>
/// NumPy's file format, versions 1 to 3: a mark, the length of a header, the header (a Python literal with element type, order and sizes),
/// the elements. Only little-endian numbers in C order.
/// </summary>
internal static class NpyFile
{
    private static readonly (string Code, ElementType Type)[] Codes =
    [
        ("<f4", ElementType.Float32), ("<f8", ElementType.Float64), ("<f2", ElementType.Float16), ("|i1", ElementType.Int8),
            ("|u1", ElementType.UInt8),
        ("<i2", ElementType.Int16), ("<u2", ElementType.UInt16), ("<i4", ElementType.Int32), ("<u4", ElementType.UInt32),
            ("<i8", ElementType.Int64),
        ("<u8", ElementType.UInt64), ("|b1", ElementType.Bool),
    ];

    private static ReadOnlySpan<byte> Mark => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>The tensor in a file.</summary>
    public static TensorView Parse(ReadOnlySpan<byte> file)
    {
        if (file.Length < 12 || !file.StartsWith(Mark)) throw new InvalidDataException("it is no .npy file");
        bool isLong = file[6] > 1;
        int start = isLong ? 12 : 10;
        long length = isLong ? BinaryPrimitives.ReadUInt32LittleEndian(file[8..]) : BinaryPrimitives.ReadUInt16LittleEndian(file[8..]);
        if (start + length > file.Length) throw new InvalidDataException("the header is cut off");
        string header = Encoding.UTF8.GetString(file.Slice(start, (int)length));
        string code = Quoted(header, "descr");
        var type = Codes.FirstOrDefault(c => c.Code == code || c.Code[1..] == code.TrimStart('=', '|')).Type;
        if (type == 0) throw new InvalidDataException($"elements of type \"{code}\" are not supported");
        if (Value(header, "fortran_order").StartsWith("True", StringComparison.Ordinal))
            throw new InvalidDataException("the elements are in Fortran order; save numpy.ascontiguousarray(x)");
        string shape = Value(header, "shape");
        int close = shape.IndexOf(')');
        if (!shape.StartsWith('(') || close < 0) throw new InvalidDataException("the header has no shape");
        long[] dims = [.. shape[1..close].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long dim) ? dim
                : throw new InvalidDataException($"\"{text}\" is no size"))];
        return TensorFiles.FromBytes(type, dims, file[(start + (int)length)..]);
    }

    /// <summary>The file for a tensor; bfloat16 goes as the bits.</summary>
    public static byte[] Format(TensorView view)
    {
        string code = Codes.First(c => c.Type == (view.Type == ElementType.BFloat16 ? ElementType.UInt16 : view.Type)).Code;
        var dims = view.Dims.ToArray().Select(dim => dim.ToString(CultureInfo.InvariantCulture)).ToArray();
        string header = $"{{'descr': '{code}', 'fortran_order': False, 'shape': "
            + $"({string.Join(", ", dims)}{(dims.Length == 1 ? "," : "")}), }}";
        int padded = (10 + header.Length + 1 + 63) / 64 * 64 - 10;
        var elements = view.Count == 0 ? []
            : MemoryMarshal.CreateReadOnlySpan(ref view.GetPinnableReference(), checked((int)view.Count * view.Type.Bytes()));
        var file = new byte[10 + padded + elements.Length];
        Mark.CopyTo(file);
        file[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(8), (ushort)padded);
        Encoding.ASCII.GetBytes(header.PadRight(padded - 1) + "\n", file.AsSpan(10));
        elements.CopyTo(file.AsSpan(10 + padded));
        return file;
    }

    private static string Value(string header, string key)
    {
        int at = header.IndexOf($"'{key}':", StringComparison.Ordinal);
        return at < 0 ? throw new InvalidDataException($"the header has no {key}") : header[(at + key.Length + 3)..].TrimStart();
    }

    private static string Quoted(string header, string key) => Value(header, key).Split('\'') is [_, var text, ..] ? text
        : throw new InvalidDataException($"the header has no {key}");
}
