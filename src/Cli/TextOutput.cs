using System.Text;

namespace Nncc.Cli;

/// <summary>Text files that appear complete or not at all.</summary>
internal static class TextOutput
{
    /// <summary>Writes a file beside its place and puts it there at the end.</summary>
    /// <exception cref="NnccException">The place cannot be written.</exception>
    public static void Write(string path, Action<TextWriter> write)
    {
        string full = Path.GetFullPath(path);
        string beside = Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetFileName(full)}.{Path.GetRandomFileName()}");
        try
        {
            using (var writer = new StreamWriter(beside, append: false, new UTF8Encoding(false)) { NewLine = "\n" }) write(writer);
            File.Move(beside, full, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NnccException(FaultCodes.FileWrite, e is DirectoryNotFoundException ? "the folder does not exist" : e.Message.TrimEnd('.'), $"\"{path}\"",
                "choose another place for the output");
        }
        finally
        {
            File.Delete(beside);
        }
    }
}
