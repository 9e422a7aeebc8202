using System.Text;
using Nncc.IR.Onnx;

namespace Nncc.Backends;

/// <summary>A file that was written.</summary>
/// <param name="Path">The path: relative to the folder for a file of a folder.</param>
/// <param name="Bytes">Its size.</param>
public sealed record WrittenFile(string Path, long Bytes);

/// <summary>
/// Writes the files of an artifact into a folder. They are written beside it first and put to their places when all are complete. A list of
/// the files stays in the folder, so that the next run knows that it is its own and which files to remove.
/// </summary>
public static class ArtifactFolder
{
    /// <summary>Name of the list of files.</summary>
    public const string ListName = ".nncc-files";

    /// <summary>Refuses a folder that may not be written to, before any work is done for it.</summary>
    /// <exception cref="NnccException">There is a file of that name, or other things are in the folder and it is not forced.</exception>
    public static void CheckTarget(string folder, bool force)
    {
        if (File.Exists(folder)) throw new NnccException(FaultCodes.FileWrite, "it is a file, and a folder is written", $"\"{folder}\"",
            "choose another place");
        if (force || !Directory.Exists(folder) || File.Exists(Path.Combine(folder, ListName))
            || !OutputFiles.Guard(folder, () => Directory.EnumerateFileSystemEntries(folder).Any()))
            return;
        throw new NnccException(FaultCodes.ForeignFolder, "the folder holds files that nncc did not write", $"\"{folder}\"",
            "choose another one, or write into it with --force");
    }

    /// <summary>Writes all files, or none.</summary>
    /// <param name="artifact">The files.</param>
    /// <param name="folder">The folder; made where it is not there.</param>
    /// <param name="force">Whether a folder with other files may be written into; they stay unless they have the name of a file of the
    /// artifact.</param>
    /// <param name="cancellation">Ends it, with nothing written.</param>
    /// <exception cref="NnccException">The folder is not nncc's, or cannot be written.</exception>
    public static IReadOnlyList<WrittenFile> Write(Artifact artifact, string folder, bool force, CancellationToken cancellation)
    {
        CheckTarget(folder, force);
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string parent = Path.GetDirectoryName(full) ?? full;
        string beside = Path.Combine(parent, $".{Path.GetFileName(full)}.{Path.GetRandomFileName()}");
        return OutputFiles.Guard(folder, () =>
        {
            try
            {
                Directory.CreateDirectory(beside);
                var written = artifact.Files.Select(file => WriteFile(file, beside, cancellation)).ToList();
                File.WriteAllText(Path.Combine(beside, ListName), string.Concat(written.Select(f => f.Path + "\n")));
                cancellation.ThrowIfCancellationRequested();
                Place(beside, full, written);
                return written;
            }
            finally
            {
                if (Directory.Exists(beside)) Directory.Delete(beside, recursive: true);
            }
        });
    }

    /// <summary>Writes all files, or none, into the folder of a path, over files of the same names.</summary>
    /// <param name="artifact">The files.</param>
    /// <param name="path">A path in the folder: that of the first file.</param>
    /// <param name="cancellation">Ends it, with nothing written.</param>
    /// <exception cref="NnccException">A file cannot be written.</exception>
    public static IReadOnlyList<WrittenFile> WriteBeside(Artifact artifact, string path, CancellationToken cancellation)
    {
        using var files = new OutputFiles();
        var written = new List<WrittenFile>();
        foreach (var file in artifact.Files)
        {
            string place = Path.Combine(Path.GetDirectoryName(path) ?? "", file.Path);
            files.Write(place, stream =>
            {
                file.Write(stream);
                written.Add(new WrittenFile(place, stream.Length));
            });
        }
        cancellation.ThrowIfCancellationRequested();
        files.Commit();
        return written;
    }

    private static WrittenFile WriteFile(ArtifactFile file, string folder, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        string path = Path.Combine(folder, file.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 16);
        file.Write(stream);
        return new WrittenFile(file.Path, stream.Position);
    }

    private static void Place(string beside, string folder, List<WrittenFile> written)
    {
        if (!Directory.Exists(folder))
        {
            Directory.Move(beside, folder);
            return;
        }
        string list = Path.Combine(folder, ListName);
        var old = File.Exists(list) ? File.ReadAllLines(list, Encoding.UTF8) : [];
        foreach (string path in written.Select(f => f.Path).Append(ListName))
        {
            string place = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            File.Move(Path.Combine(beside, path), place, overwrite: true);
        }
        // The list is a file that anybody may have written: nothing outside of the folder is removed.
        foreach (string stale in old.Except(written.Select(f => f.Path)))
            if (Path.GetFullPath(Path.Combine(folder, stale)) is var path
                && path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                File.Delete(path);
    }
}
