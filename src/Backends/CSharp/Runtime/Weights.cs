using System.IO.MemoryMappedFiles;
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

    private Weights(MemoryMappedFile file, MemoryMappedViewAccessor view, byte* data, string hash)
    {
        (this.file, this.view, Hash) = (file, view, hash);
        Data = data;
    }

    /// <summary>The packed weights; 4096-byte aligned.</summary>
    public byte* Data { get; private set; }

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
        return new Weights(file, view, start + HeaderBytes, Encoding.ASCII.GetString(header, Mark.Length + 8, 64));
    }

    /// <summary>Unmaps the file. Instances that use it must not run any more.</summary>
    public void Dispose()
    {
        if (Data == null) return;
        Data = null;
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        file.Dispose();
    }
}
