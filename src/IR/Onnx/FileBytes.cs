using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Nncc.IR.Onnx;

/// <summary>
/// The bytes of a file in memory that does not move: mapped, or an array that is pinned. Tensors are slices of it and keep this
/// object as their owner. The memory stays until <see cref="Dispose"/>, even when nothing refers to this any more, so that a span
/// taken from a tensor can never outlive it by accident; whoever reads many models in one process disposes of them.
/// </summary>
internal sealed unsafe class FileBytes : IDisposable
{
    private MemoryMappedViewAccessor? view;
    private GCHandle pin;

    private FileBytes(byte* start, long length)
    {
        Start = start;
        Length = length;
    }

    /// <summary>The first byte; null if there is none.</summary>
    public byte* Start { get; private set; }

    /// <summary>Number of bytes.</summary>
    public long Length { get; }

    /// <summary>Maps a file; one that cannot be mapped (a pipe) is read into memory if <paramref name="allowPipe"/>.</summary>
    /// <exception cref="NnccException">The file is absent or cannot be read.</exception>
    public static FileBytes Open(string path, bool allowPipe = true)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1);
            if (!stream.CanSeek)
            {
                if (!allowPipe) throw new NnccException(FaultCodes.FileAccess, "it is not an ordinary file", path);
                using var memory = new MemoryStream();
                stream.CopyTo(memory);
                return Of(memory.ToArray());
            }
            long length = stream.Length;
            if (length == 0) return new FileBytes(null, 0);
            // The mapping holds the file open by itself: the stream may close.
            using var map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None,
                leaveOpen: false);
            var view = map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
            byte* start = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            return new FileBytes(start + view.PointerOffset, length) { view = view };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new NnccException(FaultCodes.FileAccess, e switch
            {
                FileNotFoundException or DirectoryNotFoundException => "the file does not exist",
                UnauthorizedAccessException when Directory.Exists(path) => "it is a folder",
                UnauthorizedAccessException => "reading it is not allowed",
                _ => e.Message.TrimEnd('.'),
            }, path);
        }
    }

    /// <summary>Pins an array.</summary>
    public static FileBytes Of(byte[] bytes)
    {
        if (bytes.Length == 0) return new FileBytes(null, 0);
        var pin = GCHandle.Alloc(bytes, GCHandleType.Pinned);
        return new FileBytes((byte*)pin.AddrOfPinnedObject(), bytes.Length) { pin = pin };
    }

    /// <summary>Up to 2 GB of the bytes.</summary>
    public ReadOnlySpan<byte> Span(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, Length);
        return new ReadOnlySpan<byte>(Start + offset, length);
    }

    /// <summary>The first bytes, as many as there are.</summary>
    public ReadOnlySpan<byte> Head(int length) => Span(0, (int)Math.Min(length, Length));

    /// <inheritdoc/>
    public void Dispose()
    {
        Start = null;
        view?.SafeMemoryMappedViewHandle.ReleasePointer();
        view?.Dispose();
        view = null;
        if (pin.IsAllocated) pin.Free();
    }
}
