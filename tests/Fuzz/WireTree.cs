namespace Nncc.Tests.Fuzz;

/// <summary>
/// Bytes as protobuf fields, and what looks like a message in them as fields again: any field can be changed, and the lengths around it
/// stay right.
/// </summary>
internal sealed class WireTree
{
    private const int MaxDepth = 12;

    /// <summary>The field's number and wire type.</summary>
    public ulong Tag { get; set; }

    /// <summary>The content of a varint.</summary>
    public ulong Number { get; set; }

    /// <summary>The content of a field of bytes that is no message, or of fixed size.</summary>
    public byte[] Content { get; set; } = [];

    /// <summary>The fields of a message; null where it is none.</summary>
    public List<WireTree>? Fields { get; set; }

    /// <summary>The fields of a message; null where the bytes are none.</summary>
    public static List<WireTree>? Parse(ReadOnlySpan<byte> bytes, int depth = 0)
    {
        var fields = new List<WireTree>();
        while (bytes.Length > 0)
        {
            if (!Varint(ref bytes, out ulong tag) || tag >> 3 is 0 or > 1000) return null;
            var field = new WireTree { Tag = tag };
            switch (tag & 7)
            {
                case 0 when Varint(ref bytes, out ulong number): field.Number = number; break;
                case 1 when bytes.Length >= 8: field.Content = Take(ref bytes, 8); break;
                case 5 when bytes.Length >= 4: field.Content = Take(ref bytes, 4); break;
                case 2 when Varint(ref bytes, out ulong length) && length <= (ulong)bytes.Length:
                    field.Content = Take(ref bytes, (int)length);
                    if (length > 1 && depth < MaxDepth) field.Fields = Parse(field.Content, depth + 1);
                    break;
                default: return null;
            }
            fields.Add(field);
        }
        return fields;
    }

    /// <summary>The bytes of fields.</summary>
    public static byte[] Write(List<WireTree> fields)
    {
        var bytes = new List<byte>();
        foreach (var field in fields)
        {
            Put(bytes, field.Tag);
            byte[] content = field.Fields is null ? field.Content : Write(field.Fields);
            if ((field.Tag & 7) == 0) Put(bytes, field.Number);
            if ((field.Tag & 7) == 2) Put(bytes, (ulong)content.Length);
            bytes.AddRange(content);
        }
        return [.. bytes];
    }

    /// <summary>All lists of fields, the outermost first.</summary>
    public static IEnumerable<List<WireTree>> Lists(List<WireTree> fields)
    {
        yield return fields;
        foreach (var field in fields)
            if (field.Fields is not null)
                foreach (var list in Lists(field.Fields)) yield return list;
    }

    private static byte[] Take(ref ReadOnlySpan<byte> bytes, int length)
    {
        byte[] taken = bytes[..length].ToArray();
        bytes = bytes[length..];
        return taken;
    }

    private static bool Varint(ref ReadOnlySpan<byte> bytes, out ulong number)
    {
        number = 0;
        for (int i = 0; i < bytes.Length && i < 10; i++)
        {
            number |= (ulong)(bytes[i] & 127) << (7 * i);
            if (bytes[i] >= 128) continue;
            bytes = bytes[(i + 1)..];
            return true;
        }
        return false;
    }

    private static void Put(List<byte> bytes, ulong number)
    {
        for (; number >= 128; number >>= 7) bytes.Add((byte)(number | 128));
        bytes.Add((byte)number);
    }
}
