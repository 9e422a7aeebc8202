using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;
using System.Text;

namespace Nncc.Backends.CSharp.Runtime;

/// <summary>
/// The weights of a model, mapped from their file and shared by any number of instances. The file is a header of 4096 bytes (a mark, the
/// length and the SHA-256 of what follows) and the packed weights.
/// </summary>
internal sealed unsafe class Weights : IDisposable
{
    /// <summary>Bytes before the packed weights.</summary>
    public const int HeaderBytes = 4096;

    /// <summary>What a weights file begins with.</summary>
    public static ReadOnlySpan<byte> Mark => "nncc weights 1\n\0"u8;

    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;
    private readonly byte* data;
    private int isTouched;

    private Weights(MemoryMappedFile file, MemoryMappedViewAccessor view, byte* data, long length, string hash)
    {
        (this.file, this.view, Length, Hash) = (file, view, length, hash);
        this.data = data;
    }

    /// <summary>Bytes of the packed weights.</summary>
    public long Length { get; }

    /// <summary>SHA-256 of the packed weights as the header has it, in hexadecimal.</summary>
    public string Hash { get; }

    /// <summary>Maps a weights file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">It is no weights file, or it is cut off.</exception>
    public static Weights Open(string path)
    {
        var header = new byte[HeaderBytes];
        long length;
        using (var stream = File.OpenRead(path))
        {
            length = stream.Length;
            if (stream.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes || !header.AsSpan().StartsWith(Mark))
                throw new InvalidDataException($"{path} is not a weights file of nncc");
        }
        long content = BitConverter.ToInt64(header, Mark.Length);
        if (length != HeaderBytes + content)
            throw new InvalidDataException(
                $"{path} should have {HeaderBytes + content} bytes and has {length}: it is cut off or was changed; copy it again");
        var file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        var view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        view.SafeMemoryMappedViewHandle.ReleasePointer(); // it stays where it is as long as the view is there
        return new Weights(file, view, start + HeaderBytes, content, Encoding.ASCII.GetString(header, Mark.Length + 8, 64));
    }

    /// <summary>The packed weights, 4096-byte aligned, for one run; <see cref="Return"/> must follow.</summary>
    /// <exception cref="ObjectDisposedException">The weights were disposed of.</exception>
    public byte* Take()
    {
        bool isHeld = false;
        ObjectDisposedException.ThrowIf(view.SafeMemoryMappedViewHandle.IsClosed, this);
        view.SafeMemoryMappedViewHandle.DangerousAddRef(ref isHeld);
        return data;
    }

    /// <summary>Ends a run.</summary>
    public void Return() => view.SafeMemoryMappedViewHandle.DangerousRelease();

    /// <summary>Reads all pages once, so that no run waits for the file. Tells whether this call did.</summary>
    /// <exception cref="ObjectDisposedException">The weights were disposed of.</exception>
    internal bool Touch()
    {
        if (Interlocked.Exchange(ref isTouched, 1) != 0) return false;
        byte* start = Take();
        Preparation.Touch(start, Length);
        Return();
        return true;
    }

    /// <summary>Whether the weights have the hash that the header says, so that they are as they were written. Reads all of them.</summary>
    public bool IsIntact()
    {
        byte* start = Take();
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            const int piece = 1 << 20;
            for (long at = 0; at < Length; at += piece) hash.AppendData(new ReadOnlySpan<byte>(start + at,
                (int)Math.Min(piece, Length - at)));
            return Convert.ToHexStringLower(hash.GetHashAndReset()) == Hash;
        }
        finally
        {
            Return();
        }
    }

    /// <summary>Unmaps the file once no run uses it any more. Models that have it run no more.</summary>
    public void Dispose()
    {
        view.Dispose();
        file.Dispose();
    }
}
