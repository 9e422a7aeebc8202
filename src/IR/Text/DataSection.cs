using System.Security.Cryptography;

namespace Nncc.IR.Text;

/// <summary>The tensors that stand behind the graph as base64 of their raw form. Equal bytes stand there once.</summary>
internal sealed class DataSection(bool elide)
{
    private const int LineBytes = 96, PieceBytes = LineBytes * 4096;

    private readonly Dictionary<Tensor, int> numbers = [];
    private readonly List<Tensor> tensors = [];

    /// <summary>The number that stands for the tensor's content.</summary>
    public int Number(Tensor tensor)
    {
        if (numbers.TryGetValue(tensor, out int number)) return number;
        numbers[tensor] = tensors.Count;
        tensors.Add(tensor);
        return tensors.Count - 1;
    }

    /// <summary>Writes all tensors that were numbered.</summary>
    public void Write(TextWriter writer)
    {
        for (int i = 0; i < tensors.Count; i++)
        {
            var tensor = tensors[i];
            writer.Write($"data {i} {tensor.ByteCount} bytes");
            if (elide) writer.Write($" elided sha256 {Hash(tensor)}\n");
            else
            {
                writer.Write('\n');
                WriteBase64(writer, tensor);
            }
        }
    }

    private static void WriteBase64(TextWriter writer, Tensor tensor)
    {
        Span<char> line = stackalloc char[LineBytes / 3 * 4 + 1];
        for (long at = 0; at < tensor.ByteCount; at += PieceBytes)
        {
            var piece = tensor.Bytes(at, PieceBytes);
            for (int i = 0; i < piece.Length; i += LineBytes)
            {
                Convert.TryToBase64Chars(piece.Slice(i, Math.Min(LineBytes, piece.Length - i)), line, out int length);
                line[length] = '\n';
                writer.Write(line[..(length + 1)]);
            }
        }
    }

    private static string Hash(Tensor tensor)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (long at = 0; at < tensor.ByteCount; at += PieceBytes) hash.AppendData(tensor.Bytes(at, PieceBytes));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
