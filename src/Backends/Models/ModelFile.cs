using Nncc.IR.Onnx;
using Nncc.IR.Text;

namespace Nncc.Backends.Models;

/// <summary>Model files by their ending: <c>.nnir</c> is text, everything else ONNX.</summary>
public static class ModelFile
{
    /// <summary>Whether a file of that name is read as ONNX.</summary>
    public static bool IsOnnx(string path) => !path.EndsWith(".nnir", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a model.</summary>
    /// <param name="path">The file.</param>
    /// <param name="ops">The ops that it may have.</param>
    /// <param name="needsContent">Whether files of external data must be there.</param>
    /// <exception cref="NnccException">The file cannot be read or the model in it is wrong: all faults.</exception>
    public static Model Read(string path, OpRegistry ops, bool needsContent = true)
    {
        if (IsOnnx(path)) return OnnxReader.Read(path, ops, needsContent);
        return new Model(Parser.Parse(ReadText(path), ops, path), ModelHeader.Empty);
    }

    /// <summary>The text of a file of the user.</summary>
    /// <exception cref="NnccException">It cannot be read.</exception>
    internal static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NnccException(FaultCodes.FileAccess,
                e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : e.Message, $"\"{path}\"");
        }
    }
}
