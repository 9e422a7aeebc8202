namespace Nncc.IR.Onnx;

/// <summary>
/// Writes the file of external data, tensor after tensor, in pieces: no tensor is in memory as a whole. Each begins at a page, so that it
/// can be mapped. Pieces that are all zero are left out where the file system can (the file stays sparse).
/// </summary>
internal sealed class ExternalDataWriter(Stream stream, CancellationToken cancellation)
{
    /// <summary>Tensors with fewer bytes stay in the model: the reference would not be shorter.</summary>
    public const long Least = 1024;

    private const long Page = 4096;
    private const int Piece = 1 << 20;
    private long length;

    /// <summary>Where a tensor begins behind so many bytes.</summary>
    public static long Start(long end) => (end + Page - 1) / Page * Page;

    /// <summary>Appends the raw form of a tensor.</summary>
    public void Append(Tensor tensor)
    {
        long start = Start(length);
        for (long at = 0; at < tensor.ByteCount; at += Piece)
        {
            cancellation.ThrowIfCancellationRequested();
            var piece = tensor.Bytes(at, Piece);
            if (!piece.ContainsAnyExcept((byte)0)) continue;
            stream.Position = start + at;
            stream.Write(piece);
        }
        length = start + tensor.ByteCount;
    }

    /// <summary>Ends the file.</summary>
    public void Finish() => stream.SetLength(length);
}
