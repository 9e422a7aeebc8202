namespace Nncc.Tests.Fuzz;

/// <summary>Spoils a model file: bytes flipped, cut or said twice; fields cut, doubled, exchanged; sizes and texts changed.</summary>
internal static class FileMutation
{
    private static readonly ulong[] Numbers = [0, 1, 2, 3, 7, 16, 127, 1000, 1UL << 20, 1UL << 31, (1UL << 31) - 1, 1UL << 33, 1UL << 40,
        (1UL << 62) + 1, long.MaxValue, 1UL << 63, ulong.MaxValue, ulong.MaxValue - 1];

    private static readonly string[] Texts = ["", "x", "a", "\0", "axis", "../../etc/passwd", "Conv", "Loop", "If", "Scan", "ai.onnx.ml",
        "com.microsoft", new('n', 3000)];

    /// <summary>A spoilt file.</summary>
    public static byte[] Of(byte[] file, Random random)
    {
        // Among the files are some that are no models.
        if (random.Next(3) == 0 || WireTree.Parse(file) is not { } root) return Bytes(file, random);
        for (int changes = random.Next(1, 4); changes > 0; changes--) Fields(root, random);
        byte[] changed = WireTree.Write(root);
        return random.Next(12) == 0 ? Bytes(changed, random) : changed;
    }

    private static byte[] Bytes(byte[] file, Random random)
    {
        byte[] bytes = [.. file];
        if (bytes.Length == 0) return bytes;
        switch (random.Next(5))
        {
            case 0: return bytes[..random.Next(bytes.Length)];
            case 1:
                int from = random.Next(bytes.Length), to = Math.Min(bytes.Length, from + random.Next(1, 64));
                return [.. bytes[..from], .. bytes[to..]];
            case 2:
                from = random.Next(bytes.Length);
                to = Math.Min(bytes.Length, from + random.Next(1, 256));
                return [.. bytes[..to], .. bytes[from..]];
            default:
                for (int flips = random.Next(1, 9); flips > 0; flips--)
                    bytes[random.Next(bytes.Length)] ^= random.Next(2) == 0 ? (byte)(1 << random.Next(8)) : (byte)random.Next(1, 256);
                return bytes;
        }
    }

    private static void Fields(List<WireTree> root, Random random)
    {
        // Messages of a few fields, such as sizes, are as likely as long ones.
        var lists = WireTree.Lists(root).Where(l => l.Count > 0).ToList();
        if (lists.Count == 0) return;
        var fields = lists[random.Next(lists.Count)];
        int at = random.Next(fields.Count);
        var field = fields[at];
        switch (random.Next(7))
        {
            case 0: fields.RemoveAt(at); break;
            case 1: fields.Insert(random.Next(fields.Count + 1), field); break;
            case 2:
                int other = random.Next(fields.Count);
                (fields[at], fields[other]) = (fields[other], field);
                break;
            case 3:
                var source = lists[random.Next(lists.Count)];
                fields[at] = source[random.Next(source.Count)];
                if (Depth(root, 0) > 40) fields[at] = field;
                break;
            default: fields[at] = Changed(field, random); break;
        }
    }

    private static WireTree Changed(WireTree field, Random random)
    {
        if ((field.Tag & 7) == 0) return new WireTree { Tag = field.Tag, Number = Numbers[random.Next(Numbers.Length)] };
        if ((field.Tag & 7) != 2)
        {
            byte[] content = new byte[field.Content.Length];
            random.NextBytes(content);
            return new WireTree { Tag = field.Tag, Content = content };
        }
        if (random.Next(4) == 0) // other content of the same bytes
            return new WireTree
            {
                Tag = (field.Tag & 7) | ((ulong)random.Next(1, 30) << 3), Content = field.Content, Fields = field.Fields,
            };
        return new WireTree { Tag = field.Tag, Content = random.Next(3) == 0 ? field.Content[..random.Next(field.Content.Length + 1)]
            : System.Text.Encoding.UTF8.GetBytes(Texts[random.Next(Texts.Length)]) };
    }

    // A message that was put into itself has no end.
    private static int Depth(List<WireTree> fields, int depth) => depth > 40 ? depth
        : fields.Select(f => f.Fields is null ? depth : Depth(f.Fields, depth + 1)).DefaultIfEmpty(depth).Max();
}
