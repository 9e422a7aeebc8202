namespace Nncc.IR.Onnx;

/// <summary>
/// Files that are written beside their places and put there all at the end: an output is complete or not there, and a file that is still
/// being read (mapped) can be replaced.
/// </summary>
public sealed class OutputFiles : IDisposable
{
    private readonly List<(string Temporary, string Path)> files = [];

    /// <summary>Opens a file that <see cref="Commit"/> puts to the path.</summary>
    /// <exception cref="NnccException">The place cannot be written to.</exception>
    public FileStream Create(string path)
    {
        string full = Path.GetFullPath(path);
        if (Directory.Exists(full)) throw new NnccException(FaultCodes.FileWrite, "it is a folder", path, "give the name of a file");
        string temporary = Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.{Path.GetRandomFileName()}");
        var stream = Guard(path, () => new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None,
            bufferSize: 1 << 16));
        files.Add((temporary, full));
        return stream;
    }

    /// <summary>Writes a file that <see cref="Commit"/> puts to the path.</summary>
    /// <exception cref="NnccException">The place cannot be written to.</exception>
    public void Write(string path, Action<Stream> write) => Guard(path, () =>
    {
        using var stream = Create(path);
        write(stream);
        return true;
    });

    /// <summary>Puts all files to their places. They must be closed.</summary>
    public void Commit()
    {
        foreach (var (temporary, path) in files)
            Guard(path, () =>
            {
                File.Move(temporary, path, overwrite: true);
                return true;
            });
        files.Clear();
    }

    /// <summary>Runs something that writes; what the system says against it becomes a fault.</summary>
    public static T Guard<T>(string path, Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new NnccException(FaultCodes.FileWrite, e is DirectoryNotFoundException ? "the folder does not exist"
                : e.Message.TrimEnd('.'), path,
                "choose another place for the output");
        }
    }

    /// <summary>Removes what was not put to its place.</summary>
    public void Dispose()
    {
        foreach (var (temporary, _) in files) File.Delete(temporary);
    }
}
