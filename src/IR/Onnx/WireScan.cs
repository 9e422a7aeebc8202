using System.Buffers.Binary;

namespace Nncc.IR.Onnx;

/// <summary>A stretch of a file that holds the elements of a tensor.</summary>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Number of bytes.</param>
/// <param name="Field">The field of TensorProto that they are: 9 raw_data, 4 float_data or 10 double_data, both packed.</param>
internal readonly record struct WirePlace(long Offset, long Length, int Field);

/// <summary>The messages that hold tensors somewhere inside.</summary>
internal enum WireMessage
{
    Model,
    Graph,
    Node,
    Attribute,
    Function,
    SparseTensor,
    Tensor,
    Sequence,
    Map,
    Optional,
}

/// <summary>
/// Google.Protobuf copies every bytes field that it parses. So a message is walked once over the mapped file: what comes out is
/// the same message without the elements of its tensors (<see cref="Stripped"/>, small enough to parse), and where those
/// lie (<see cref="Places"/>). In the stripped message <c>raw_data</c> is a number of four bytes, the index of the place; packed
/// float_data and double_data, whose bytes are the elements as well, become such a <c>raw_data</c> too. Only the pages that hold
/// structure are touched. Works beyond 2 GB; nesting and lengths are checked.
/// </summary>
internal sealed unsafe class WireScan
{
    /// <summary>How deep graphs (and sequences) may be nested; what is deeper would not pass the parser either.</summary>
    public const int MaxDepth = 30;

    private readonly byte* start;
    private readonly List<WirePlace> places = [];
    private byte[] output = new byte[4096];
    private int length;

    private WireScan(byte* start) => this.start = start;

    /// <summary>The message without the elements of its tensors.</summary>
    public ArraySegment<byte> Stripped => new(output, 0, length);

    /// <summary>Where the elements are, by the index that stands in <c>raw_data</c>.</summary>
    public IReadOnlyList<WirePlace> Places => places;

    /// <summary>Walks a whole file.</summary>
    /// <exception cref="WireException">The bytes are no message of that kind, or are nested too deep.</exception>
    public static WireScan Run(FileBytes file, WireMessage root)
    {
        var scan = new WireScan(file.Start);
        scan.Message(root, 0, file.Length, 0);
        return scan;
    }

    // Fields whose content is a message that holds tensors; null: not such a field.
    private static WireMessage? Inner(WireMessage message, int field) => (message, field) switch
    {
        (WireMessage.Model, 7) => WireMessage.Graph,
        (WireMessage.Model, 25) => WireMessage.Function,
        (WireMessage.Graph, 1) or (WireMessage.Function, 7) => WireMessage.Node,
        (WireMessage.Graph, 5) or (WireMessage.Attribute, 5 or 10) or (WireMessage.SparseTensor, 1 or 2) => WireMessage.Tensor,
        (WireMessage.Graph, 15) or (WireMessage.Attribute, 22 or 23) => WireMessage.SparseTensor,
        (WireMessage.Node, 5) or (WireMessage.Function, 11) => WireMessage.Attribute,
        (WireMessage.Attribute, 6 or 11) => WireMessage.Graph,
        (WireMessage.Sequence or WireMessage.Optional, 3) => WireMessage.Tensor,
        (WireMessage.Sequence or WireMessage.Optional, 4) => WireMessage.SparseTensor,
        (WireMessage.Sequence or WireMessage.Optional, 5) or (WireMessage.Map, 5) => WireMessage.Sequence,
        (WireMessage.Sequence or WireMessage.Optional, 6) => WireMessage.Map,
        (WireMessage.Sequence or WireMessage.Optional, 7) => WireMessage.Optional,
        _ => null,
    };

    private void Message(WireMessage message, long at, long end, int depth)
    {
        if (message is WireMessage.Graph or WireMessage.Sequence or WireMessage.Optional && ++depth > MaxDepth)
            throw new WireException(at, 0,
                $"{message.ToString().ToLowerInvariant()}s are nested more than {MaxDepth} deep") { IsLimit = true };
        if (message == WireMessage.Tensor)
        {
            Tensor(at, end);
            return;
        }
        var cursor = new WireCursor(start, end) { At = at };
        long copied = at; // what lies between here and the field at hand goes over as it is
        while (cursor.Next())
        {
            long fieldEnd = cursor.Type == WireType.Bytes ? cursor.At + cursor.Length : cursor.At;
            if (IsLeftOut(message, cursor.Field))
            {
                Copy(copied, cursor.FieldStart);
                copied = fieldEnd;
            }
            else if (cursor.Type == WireType.Bytes && Inner(message, cursor.Field) is { } inner)
            {
                Copy(copied, cursor.LengthAt);
                int patch = Reserve();
                Message(inner, cursor.At, fieldEnd, depth);
                Patch(patch);
                copied = fieldEnd;
            }
            cursor.At = fieldEnd;
        }
        Copy(copied, end);
    }

    // Training graphs are not read, and are as large as the model.
    private static bool IsLeftOut(WireMessage message, int field) => message == WireMessage.Model && field == 20;

    private void Tensor(long at, long end)
    {
        int raw = 0, floats = 0, doubles = 0;
        var counter = new WireCursor(start, end) { At = at };
        while (counter.Next())
        {
            if (counter.Type == WireType.Bytes) counter.At += counter.Length;
            switch (counter.Field)
            {
                case 9: raw++; break;
                case 4: floats += counter.Type == WireType.Bytes ? 1 : 2; break; // not packed: left to the parser
                case 10: doubles += counter.Type == WireType.Bytes ? 1 : 2; break;
            }
        }
        bool takeFloats = raw == 0 && floats == 1 && doubles == 0, takeDoubles = raw == 0 && doubles == 1 && floats == 0;
        var cursor = new WireCursor(start, end) { At = at };
        long copied = at;
        while (cursor.Next())
        {
            if (cursor.Type != WireType.Bytes) continue;
            long fieldEnd = cursor.At + cursor.Length;
            if (cursor.Field == 9 || (cursor.Field == 4 && takeFloats) || (cursor.Field == 10 && takeDoubles))
            {
                Copy(copied, cursor.FieldStart);
                Ensure(6);
                output[length] = 9 << 3 | (int)WireType.Bytes;
                output[length + 1] = 4;
                BinaryPrimitives.WriteInt32LittleEndian(output.AsSpan(length + 2), places.Count);
                length += 6;
                places.Add(new WirePlace(cursor.At, cursor.Length, cursor.Field));
                copied = fieldEnd;
            }
            cursor.At = fieldEnd;
        }
        Copy(copied, end);
    }

    private void Copy(long from, long to)
    {
        if (to == from) return;
        if (to - from > int.MaxValue) throw TooLarge(from);
        Ensure((int)(to - from));
        new ReadOnlySpan<byte>(start + from, (int)(to - from)).CopyTo(output.AsSpan(length));
        length += (int)(to - from);
    }

    // Five bytes for a length that is known only later; the parser takes numbers with leading zeros.
    private int Reserve()
    {
        Ensure(5);
        length += 5;
        return length;
    }

    private void Patch(int contentStart)
    {
        uint size = (uint)(length - contentStart);
        for (int i = 0; i < 5; i++, size >>= 7) output[contentStart - 5 + i] = (byte)(size & 0x7F | (i < 4 ? 0x80u : 0));
    }

    private void Ensure(int more)
    {
        long needed = (long)length + more;
        if (needed <= output.Length) return;
        if (needed > Array.MaxLength) throw TooLarge(0);
        Array.Resize(ref output, (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * output.Length)));
    }

    private static WireException TooLarge(long at) =>
        new(at, 0, "the model without the elements of its tensors is larger than 2 GB") { IsLimit = true };
}
