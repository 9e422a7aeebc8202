using System.Text;

namespace Nncc.Cli;

/// <summary>The process's own console. Here alone the environment is read: NO_COLOR (no-color.org) and TERM.</summary>
internal sealed class SystemConsole : IConsole
{
    private const int NarrowestWidth = 60, WidestWidth = 160;

    public SystemConsole()
    {
        // Files and pipes get the same bytes on every system.
        Out = IsTerminal ? System.Console.Out : Plain(System.Console.OpenStandardOutput());
        Error = IsErrorTerminal ? System.Console.Error : Plain(System.Console.OpenStandardError());
    }

    public TextWriter Out { get; }

    public TextWriter Error { get; }

    public bool IsTerminal => !System.Console.IsOutputRedirected;

    public bool IsErrorTerminal => !System.Console.IsErrorRedirected;

    public bool WantsColor => string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") != "dumb";

    public int Width => IsTerminal ? Math.Clamp(System.Console.WindowWidth - 1, NarrowestWidth, WidestWidth) : int.MaxValue;

    private static StreamWriter Plain(Stream stream) => new(stream, new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
}
