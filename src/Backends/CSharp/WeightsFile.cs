using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Nncc.Backends.CSharp.Runtime;
using Nncc.Passes.Programs;

namespace Nncc.Backends.CSharp;

/// <summary>
/// Writes the packed weights of programs, one after the other, so that never more than one packed tensor is held. Format: see
/// <see cref="Weights"/>.
/// </summary>
internal static class WeightsFile
{
    private const int Piece = 1 << 20;

    // Packed tensors are large objects, which the collector of garbage leaves lying until there are gigabytes of them.
    private const long MostGarbage = 32 << 20;

    /// <summary>SHA-256 of the packed weights, in hexadecimal.</summary>
    public static string Hash(ProgramFamily programs)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        WriteContent(programs, hash.AppendData);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Writes header and weights.</summary>
    public static void Write(ProgramFamily programs, string hash, Stream stream)
    {
        var header = new byte[Weights.HeaderBytes];
        Weights.Mark.CopyTo(header);
        BitConverter.TryWriteBytes(header.AsSpan(Weights.Mark.Length), programs.WeightBytes);
        Encoding.ASCII.GetBytes(hash, header.AsSpan(Weights.Mark.Length + 8));
        stream.Write(header);
        WriteContent(programs, stream.Write);
    }

    private delegate void Sink(ReadOnlySpan<byte> bytes);

    private static void WriteContent(ProgramFamily programs, Sink sink)
    {
        long at = 0, garbage = 0;
        foreach (var weight in programs.Weights)
        {
            Pad(weight.Offset - at);
            Tensor? packed = weight.Transform.Pack(weight.Content);
            for (long offset = 0; offset < weight.Bytes; offset += Piece) sink(packed.Bytes(offset, Piece));
            at = weight.Offset + weight.Bytes;
            if ((garbage += weight.Bytes) < MostGarbage) continue;
            packed = null;
            GC.Collect();
            garbage = 0;
        }
        Pad(programs.WeightBytes - at);

        void Pad(long count)
        {
            if (count > 0) sink(new byte[count]);
        }
    }
}
