using System.Globalization;

namespace Nncc.Backends.CSharp.Runtime;

/// <summary>The arguments of a program that runs a model.</summary>
internal sealed class ConsoleArguments
{
    /// <summary>Files by input.</summary>
    public Dictionary<string, string> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>How often the model runs after the first time.</summary>
    public int Repeat { get; private set; }

    /// <summary>Seed of random inputs.</summary>
    public int Seed { get; private set; } = 1;

    /// <summary>How many of the greatest elements of an output are shown.</summary>
    public int Top { get; private set; } = 5;

    /// <summary>The folder that outputs are written to; null for none.</summary>
    public string? Output { get; private set; }

    /// <summary>The weights file; null for that of the program.</summary>
    public string? Weights { get; private set; }

    /// <summary>The arguments, or null where help is asked for.</summary>
    /// <exception cref="ArgumentException">They are not understood.</exception>
    public static ConsoleArguments? Parse(string[] arguments, ModelInfo info)
    {
        var result = new ConsoleArguments();
        for (int i = 0; i < arguments.Length; i++)
        {
            string argument = arguments[i];
            switch (argument)
            {
                case "--help" or "-h" or "-?": return null;
                case "--repeat": result.Repeat = Number(); break;
                case "--seed": result.Seed = Number(); break;
                case "--top": result.Top = Number(); break;
                case "--output": result.Output = Next(); break;
                case "--weights": result.Weights = Next(); break;
                case "--input": result.AddFile(Next(), info); break;
                default:
                    if (argument.StartsWith("--", StringComparison.Ordinal)) throw Usage($"there is no option {argument}");
                    result.AddFile(argument, info);
                    break;
            }

            string Next() => ++i < arguments.Length ? arguments[i] : throw Usage($"{argument} needs a value");

            int Number() => int.TryParse(Next(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
                : throw Usage($"{argument} needs a number, got {arguments[i]}");
        }
        return result;
    }

    /// <summary>What the program takes.</summary>
    public static string Help(ModelInfo info) => $"""
        Runs {info.Name} (made by {info.Compiler} for {info.Target}).

        usage: [--input] [NAME=]FILE ...  inputs from .npy or .pb files; others get random numbers
               --repeat N                 run N more times and print timings
               --top N                    show the N greatest elements of each output (5)
               --output FOLDER            write outputs as .npy files
               --seed N                   seed of random inputs (1)
               --weights FILE             the weights file, where it is not beside the program

        inputs:
          {string.Join("\n  ", info.Inputs)}
        outputs:
          {string.Join("\n  ", info.Outputs)}
        """;

    // NAME=FILE, or FILE for the first input that has none. Names may hold an equals sign.
    private void AddFile(string text, ModelInfo info)
    {
        var port = info.Inputs.FirstOrDefault(p => text.StartsWith(p.Name + "=", StringComparison.Ordinal));
        if (port is not null)
        {
            if (!Files.TryAdd(port.Name, text[(port.Name.Length + 1)..])) throw Usage($"input \"{port.Name}\" is given twice");
            return;
        }
        if (text.Contains('=') && !File.Exists(text)) throw Usage($"there is no input of that name: {text}");
        var free = info.Inputs.FirstOrDefault(p => !Files.ContainsKey(p.Name)) ?? throw Usage($"all inputs are given already: {text}");
        Files[free.Name] = text;
    }

    private static ArgumentException Usage(string message) => new($"{message}; --help says what there is");
}
