namespace Nncc.IR.Onnx;

/// <summary>How a field of a protobuf message is written.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}

/// <summary>
/// Steps through the fields of protobuf messages over memory of any size. Every length is checked against the end of the message
/// at hand before it is used, so that nothing outside is ever read.
/// </summary>
/// <param name="start">The memory.</param>
/// <param name="end">Its length.</param>
internal unsafe ref struct WireCursor(byte* start, long end)
{
    private readonly byte* start = start;

    /// <summary>Where the message at hand ends.</summary>
    public long End { get; set; } = end;

    /// <summary>The next byte to be read.</summary>
    public long At { get; set; }

    /// <summary>Where the tag of the field at hand begins.</summary>
    public long FieldStart { get; private set; }

    /// <summary>Number of the field at hand.</summary>
    public int Field { get; private set; }

    /// <summary>How it is written.</summary>
    public WireType Type { get; private set; }

    /// <summary>For <see cref="WireType.Bytes"/>: number of bytes, which begin at <see cref="At"/>; they are all inside of the
    /// message.</summary>
    public long Length { get; private set; }

    /// <summary>For <see cref="WireType.Bytes"/>: where that number begins.</summary>
    public long LengthAt { get; private set; }

    /// <summary>For <see cref="WireType.Varint"/>: the value.</summary>
    public ulong Value { get; private set; }

    /// <summary>Goes to the next field, false at the end of the message. <see cref="At"/> must stand behind the last field.</summary>
    /// <exception cref="WireException">The bytes are no field, or run over the end.</exception>
    public bool Next()
    {
        if (At >= End) return false;
        FieldStart = At;
        ulong tag = Varint();
        if (tag >> 3 is 0 or > 0x1FFFFFFF) throw new WireException(FieldStart, 0, $"{tag >> 3} is no field number");
        (Field, Type) = ((int)(tag >> 3), (WireType)(tag & 7));
        switch (Type)
        {
            case WireType.Varint: Value = Varint(); break;
            case WireType.Fixed64: Skip(8); break;
            case WireType.Fixed32: Skip(4); break;
            case WireType.Bytes:
                LengthAt = At;
                ulong length = Varint();
                if (length > (ulong)(End - At)) throw Overrun($"field {Field} says {length} bytes, and {End - At} are left");
                Length = (long)length;
                break;
            default: throw new WireException(FieldStart, Field, $"field {Field} is of wire type {(int)Type}");
        }
        return true;
    }

    private void Skip(int bytes)
    {
        if (End - At < bytes) throw Overrun($"field {Field} needs {bytes} bytes, and {End - At} are left");
        At += bytes;
    }

    private readonly WireException Overrun(string message) => new(FieldStart, Field, message) { IsOverrun = true };

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (At >= End) throw Overrun("a number runs over the end");
            byte b = start[At++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }
        throw new WireException(FieldStart, Field, "a number has more than 10 bytes");
    }
}

/// <summary>The bytes are no protobuf message. Caught where the file's name is known.</summary>
/// <param name="at">Place in the file.</param>
/// <param name="number">Number of the field there; 0 where none was read.</param>
/// <param name="message">What is wrong.</param>
internal sealed class WireException(long at, int number, string message) : Exception(message)
{
    /// <summary>Place in the file.</summary>
    public long At => at;

    /// <summary>Number of the field there; 0 where none was read.</summary>
    public int Field => number;

    /// <summary>Whether something is longer than what holds it, as in a file that was cut off.</summary>
    public bool IsOverrun { get; init; }

    /// <summary>Whether a limit of nncc was met, not a rule of the format broken.</summary>
    public bool IsLimit { get; init; }
}
