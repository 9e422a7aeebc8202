using System.Text;

namespace Nncc.IR.Onnx;

/// <summary>
/// ONNX strings are bytes that should be UTF-8, but custom operators keep binary data in them. Bytes that are no UTF-8 become
/// unpaired surrogates U+DC80 to U+DCFF, which no valid UTF-8 gives, so that every byte string survives reading and writing.
/// </summary>
internal static class ByteText
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (System.Text.Unicode.Utf8.IsValid(bytes)) return Strict.GetString(bytes);
        var b = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(bytes, out var rune, out int consumed);
            if (status == System.Buffers.OperationStatus.Done) b.Append(rune);
            else
                for (int i = 0; i < consumed; i++) b.Append((char)(0xDC00 + bytes[i]));
            bytes = bytes[consumed..];
        }
        return b.ToString();
    }

    public static byte[] Encode(string text)
    {
        int at = 0;
        Span<byte> utf8 = stackalloc byte[4];
        var bytes = new MemoryStream(text.Length);
        while (at < text.Length)
        {
            if (Rune.TryGetRuneAt(text, at, out var rune))
            {
                bytes.Write(utf8[..rune.EncodeToUtf8(utf8)]);
                at += rune.Utf16SequenceLength;
                continue;
            }
            // An unpaired surrogate that does not stand for a byte has no encoding; it becomes U+FFFD as everywhere.
            if (text[at] is >= '\uDC80' and <= '\uDCFF') bytes.WriteByte((byte)(text[at] - 0xDC00));
            else bytes.Write("\uFFFD"u8);
            at++;
        }
        return bytes.ToArray();
    }
}
