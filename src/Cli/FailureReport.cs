using System.Runtime.InteropServices;
using Nncc.Backends;

namespace Nncc.Cli;

/// <summary>
/// What is left of a mistake of nncc outside of any pass: a file with all that helps to find it, and one line for the user.
/// </summary>
internal static class FailureReport
{
    private const string FileName = "nncc-failure.txt";

    /// <summary>Writes the file and gives the message.</summary>
    /// <param name="failure">What was thrown.</param>
    /// <param name="args">The command line.</param>
    /// <param name="folder">Where the file goes; the system's folder for temporary files where that cannot be written.</param>
    public static string Write(Exception failure, IReadOnlyList<string> args, string folder)
    {
        string text = $"{ToolVersion.Name} on {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}\n"
            + $"nncc {string.Join(' ', args.Select(a => a.Contains(' ') ? $"\"{a}\"" : a))}\n\n{failure}\n";
        foreach (string place in (ReadOnlySpan<string>)[folder, Path.GetTempPath()])
            try
            {
                string path = Path.Combine(place, FileName);
                File.WriteAllText(path, text);
                return Message(failure, $"with {path} and the model");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue;
            }
        return Message(failure, "with the model and the command line");
    }

    private static string Message(Exception failure, string with) =>
        $"nncc: internal error: {failure.Message.ReplaceLineEndings(" ")}\n  hint: this is a mistake of nncc, not of the model; please "
            + $"report it {with}";
}
