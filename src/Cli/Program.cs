using Nncc.Backends;

namespace Nncc.Cli;

/// <summary>The entry of the command line.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        // Asked often by scripts: answered before anything else is loaded.
        if (args is ["version"] or ["--version"])
        {
            System.Console.Out.WriteLine(ToolVersion.Name);
            return 0;
        }
        using var interruption = new Interruption();
        return CommandLine.Run(args, new SystemConsole(), interruption.Token);
    }
}
