using System.Globalization;

namespace Nncc.IR.Text;

/// <summary>The data section of a text: finds its pieces and makes tensors of them.</summary>
internal sealed class DataReader
{
    private sealed record Piece(int Offset, int Start, int End, long Bytes, bool IsElided);

    private readonly string text;
    private readonly Dictionary<int, Piece> pieces = [];
    private readonly Dictionary<(int, DType, string), Tensor> tensors = [];

    public DataReader(string text)
    {
        this.text = text;
        GraphEnd = text.Length;
        int at = text.StartsWith("data ", StringComparison.Ordinal) ? 0 : Find(0);
        if (at < text.Length) GraphEnd = at;
        while (at < text.Length)
        {
            int lineEnd = text.IndexOf('\n', at) is var found and >= 0 ? found : text.Length;
            int next = Find(lineEnd);
            Add(at, lineEnd, next);
            at = next;
        }
    }

    /// <summary>Where the data section starts.</summary>
    public int GraphEnd { get; }

    /// <summary>What is wrong with the section as such.</summary>
    public List<TextFault> Faults { get; } = [];

    /// <summary>Whether tensors were left out when the text was printed.</summary>
    public bool IsElided { get; private set; }

    /// <summary>The tensor whose raw form is piece <paramref name="number"/>.</summary>
    public Tensor Tensor(int number, DType dtype, ReadOnlySpan<long> dims, long count, int offset)
    {
        if (!pieces.TryGetValue(number, out var piece)) throw new TextFault(offset, $"there is no data {number}");
        if (dtype == DType.String || dtype == DType.Unknown)
            throw new TextFault(offset, $"a tensor of {dtype.Name()} cannot stand in the data section");
        if (piece.Bytes != dtype.Bytes(count))
            throw new TextFault(offset, $"the tensor has {dtype.Bytes(count)} bytes, data {number} has {piece.Bytes}");
        if (piece.IsElided) throw new TextFault(piece.Offset, "the tensors were left out of the text", "print it without eliding");
        var key = (number, dtype, string.Join('x', dims.ToArray()));
        if (tensors.TryGetValue(key, out var known)) return known;
        // Four characters make three bytes: the text bounds the memory.
        if (piece.Bytes > (piece.End - piece.Start) / 4L * 3 + 3)
            throw new TextFault(piece.Offset, $"data {number} ends before its {piece.Bytes} bytes");
        byte[] bytes = new byte[piece.Bytes];
        if (!Convert.TryFromBase64Chars(text.AsSpan(piece.Start, piece.End - piece.Start), bytes, out int written)
            || written != bytes.Length)
            throw new TextFault(piece.Offset, $"data {number} is not the base64 of {piece.Bytes} bytes");
        return tensors[key] = IR.Tensor.Of(dtype, dims, bytes);
    }

    // data 3 256 bytes [elided sha256 0123...]
    private void Add(int start, int lineEnd, int end)
    {
        string[] words = text[start..lineEnd].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        bool isElided = words is [_, _, _, "bytes", "elided", "sha256", _];
        IsElided |= isElided;
        if ((isElided || words is [_, _, _, "bytes"])
            && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && long.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out long bytes))
        {
            if (!pieces.TryAdd(number, new Piece(start, lineEnd, end, bytes, isElided)))
                Faults.Add(new TextFault(start, $"data {number} stands there twice"));
        }
        else Faults.Add(new TextFault(start, "a line of the data section is \"data NUMBER COUNT bytes\""));
    }

    private int Find(int from) => text.IndexOf("\ndata ", from, StringComparison.Ordinal) is var at and >= 0 ? at + 1 : text.Length;
}
