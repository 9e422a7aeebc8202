using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Nncc.Cli;

/// <summary>The help of a command with its examples behind it.</summary>
internal sealed class HelpWithExamples(HelpAction help, IReadOnlyDictionary<Command, Verb> verbs) : SynchronousCommandLineAction
{
    /// <summary>Examples for the program as a whole.</summary>
    public static readonly Example[] Root =
    [
        new("nncc compile squeezenet.onnx --target cpu-avx2 -o out/", "a C# project that needs no package"),
        new("nncc run squeezenet.onnx --input data=image.npy", "compiles in memory and runs"),
        new("nncc verify squeezenet.onnx", "whether all engines agree"),
    ];

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        int result = help.Invoke(parseResult);
        var writer = parseResult.InvocationConfiguration.Output;
        IEnumerable<Example> examples = verbs.TryGetValue(parseResult.CommandResult.Command, out var verb) ? verb.Examples : Root;
        writer.WriteLine("Examples:");
        foreach (var example in examples) writer.WriteLine($"  {example.Line}\n      {example.Says}");
        return result;
    }
}
