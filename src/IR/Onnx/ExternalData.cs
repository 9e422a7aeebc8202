using Google.Protobuf.Collections;
using Nncc.IR.Onnx.Proto;

namespace Nncc.IR.Onnx;

/// <summary>
/// The files beside a model that hold elements of tensors. Each is mapped once. The location is relative to the model's folder and
/// must not lead out of it, links included: a model is input that nobody vouches for, and must not read other files.
/// </summary>
/// <param name="folder">The model's folder; null for a model that is no file.</param>
/// <param name="isOptional">Whether a file may be absent; tensors in it are then without content.</param>
internal sealed class ExternalData(string? folder, bool isOptional = false) : IDisposable
{
    private readonly Dictionary<string, FileBytes> files = new(StringComparer.Ordinal);
    private readonly string? realFolder = folder is null ? null : RealPath.Of(folder);

    /// <summary>
    /// The mapped file and the place in it where a tensor of so many bytes begins; null where the file is absent and may be.
    /// </summary>
    /// <exception cref="NnccException">The entries are wrong, the file is absent, too short or outside.</exception>
    public (FileBytes File, long Offset)? Find(RepeatedField<StringStringEntryProto> entries, long bytes)
    {
        string location = Entry(entries, "location") ??
            throw new NnccException(FaultCodes.ExternalData, "its data are external, but no location is given");
        long offset = Number(entries, "offset") ?? 0;
        if (Open(location) is not { } file) return null;
        if (Number(entries, "length") is { } length && length != bytes)
            throw new NnccException(FaultCodes.TensorData, $"its external data have {length} bytes, and its type takes {bytes}");
        if (offset > file.Length || bytes > file.Length - offset)
            throw new NnccException(FaultCodes.ExternalData,
                $"its data are bytes {offset} to {(Int128)offset + bytes} of {Names.Quote(location)}, which has {file.Length}",
                advice: "the data file is cut off or belongs to another model");
        return (file, offset);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in files.Values) file.Dispose();
    }

    private FileBytes? Open(string location)
    {
        if (files.TryGetValue(location, out var known)) return known;
        if (folder is null || realFolder is null)
            throw new NnccException(FaultCodes.ExternalData, "the model has external data, and it was not read from a file",
                advice: "give the model as a file");
        if (location.Length == 0 || location.Contains('\0') || Path.IsPathRooted(location) || location[0] is '/' or '\\'
            || (location.Length > 1 && location[1] == ':'))
            throw Outside(location);
        string path = Path.GetFullPath(Path.Combine(folder, location)), real;
        try
        {
            real = RealPath.Of(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NnccException(FaultCodes.ExternalData, e.Message, path);
        }
        if (!RealPath.IsInside(path, Path.GetFullPath(folder)) || !RealPath.IsInside(real, realFolder)) throw Outside(location);
        if (!File.Exists(real))
        {
            if (isOptional) return null;
            throw new NnccException(FaultCodes.ExternalData,
                $"the file {Names.Quote(location)}, which holds elements of tensors, is absent", path,
                "copy it beside the model, under this name");
        }
        return files[location] = FileBytes.Open(real, allowPipe: false);
    }

    private static NnccException Outside(string location) => new(FaultCodes.ExternalPath,
        $"its data are said to be in {Names.Quote(location)}, which is not inside of the model's folder",
            advice: "put the data file beside the model and correct the entry");

    private static string? Entry(RepeatedField<StringStringEntryProto> entries, string key)
    {
        foreach (var entry in entries)
            if (entry.Key == key) return entry.Value;
        return null;
    }

    private static long? Number(RepeatedField<StringStringEntryProto> entries, string key)
    {
        if (Entry(entries, key) is not { } text) return null;
        return long.TryParse(text, out long number) && number >= 0 ? number
            : throw new NnccException(FaultCodes.ExternalData, $"the {key} of its external data is {Names.Quote(text)}, which is no size");
    }
}
