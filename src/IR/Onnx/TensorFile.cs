using System.Collections.Immutable;
using System.IO.Compression;
using Google.Protobuf;

namespace Nncc.IR.Onnx;

/// <summary>
/// Data files, by their ending: <c>.pb</c> (TensorProto, or SequenceProto, OptionalProto and MapProto as in the ONNX backend tests),
/// <c>.npy</c> (a NumPy array) and <c>.npz</c> (a zip of them).
/// </summary>
public static class TensorFile
{
    /// <summary>Reads a file of one value.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">The type that is asked for: it tells messages apart that look alike. The result may still be of
    /// another.</param>
    /// <exception cref="NnccException">The file cannot be read or holds no data.</exception>
    public static Datum Read(string path, IrType? expected = null)
    {
        using var file = FileBytes.Open(path);
        try
        {
            // An optional that holds nothing is a message without fields.
            if (file.Length == 0 && expected is not OptionalType) throw new NnccException(FaultCodes.DataFile, "the file is empty");
            bool isNumPy = file.Head(6) is [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];
            if (!isNumPy && Path.GetExtension(path) is ".npy") throw new NnccException(FaultCodes.DataFile, "it is no NumPy array");
            if (!isNumPy) return DataMessages.Read(file, path, expected);
            if (file.Length > Array.MaxLength) throw new NnccException(FaultCodes.Limit, "the file is larger than 2 GB");
            return NpyFile.Read(file.Span(0, (int)file.Length), (expected as TensorType)?.DType);
        }
        catch (NnccException e)
        {
            throw At(e, path);
        }
    }

    /// <summary>Writes a file of one value; the ending says the format.</summary>
    /// <exception cref="NnccException">The format has no such type, or the file cannot be written.</exception>
    public static void Write(string path, Datum datum, string name = "")
    {
        using var files = new OutputFiles();
        OutputFiles.Guard(path, () =>
        {
            using var stream = files.Create(path);
            if (Path.GetExtension(path) is not ".npy") DataMessages.Write(datum, name).WriteTo(stream);
            else if (datum is Tensor tensor) NpyFile.Write(tensor, stream);
            else throw new NnccException(FaultCodes.DataFile, $"a NumPy array cannot hold {datum.Type}", path, "write a .pb file");
            return true;
        });
        files.Commit();
    }

    /// <summary>Reads an archive of arrays: the arrays by name.</summary>
    /// <exception cref="NnccException">The file is no such archive.</exception>
    public static ImmutableSortedDictionary<string, Tensor> ReadArchive(string path)
    {
        var tensors = ImmutableSortedDictionary.CreateBuilder<string, Tensor>(StringComparer.Ordinal);
        try
        {
            using var archive = ZipFile.OpenRead(path);
            foreach (var entry in archive.Entries.Where(e => e.FullName.EndsWith(".npy", StringComparison.Ordinal)))
            {
                using var stream = entry.Open();
                using var memory = new MemoryStream();
                stream.CopyTo(memory);
                tensors[entry.FullName[..^4]] = NpyFile.Read(memory.GetBuffer().AsSpan(0, (int)memory.Length), null);
            }
        }
        catch (NnccException e)
        {
            throw At(e, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new NnccException(FaultCodes.FileAccess, e.Message.TrimEnd('.'), path);
        }
        return tensors.ToImmutable();
    }

    /// <summary>Writes an archive of arrays; the same arrays give the same bytes.</summary>
    /// <exception cref="NnccException">The file cannot be written.</exception>
    public static void WriteArchive(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        using var files = new OutputFiles();
        OutputFiles.Guard(path, () =>
        {
            using var stream = files.Create(path);
            using var archive = new ZipArchive(stream, ZipArchiveMode.Create);
            foreach (var (name, tensor) in tensors)
            {
                var entry = archive.CreateEntry(name + ".npy", CompressionLevel.NoCompression);
                entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero); // no time reaches an output
                using var content = entry.Open();
                NpyFile.Write(tensor, content);
            }
            return true;
        });
        files.Commit();
    }

    private static NnccException At(NnccException exception, string path) =>
        new([.. exception.Faults.Select(f => f.Place is null ? f with { Place = path } : f)]);
}
