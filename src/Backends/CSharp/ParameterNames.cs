using System.Collections.Immutable;
using Microsoft.CodeAnalysis.CSharp;
using Nncc.Passes.Programs;

namespace Nncc.Backends.CSharp;

/// <summary>
/// Names of a model's inputs and outputs as parameters: their letters and digits in camel case, made different from each other, and never
/// the name of something that the method uses.
/// </summary>
/// <param name="Inputs">Of the inputs, in order.</param>
/// <param name="Outputs">Of the outputs, in order.</param>
internal sealed record ParameterNames(ImmutableArray<string> Inputs, ImmutableArray<string> Outputs)
{
    private const int Longest = 40;

    /// <summary>The names for a program.</summary>
    public static ParameterNames Of(ModelProgram program)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal) { "nameof", "weights", "model", "arena" };
        // Pointers to the ports have these names.
        for (int i = 0; i < program.Inputs.Length; i++) taken.Add($"i{i}");
        for (int i = 0; i < program.Outputs.Length; i++) taken.Add($"o{i}");
        var inputs = program.Inputs.Select(p => Unique(Word(p.Name, "input"), taken)).ToImmutableArray();
        var outputs = program.Outputs.Select(p => Unique(Word(p.Name, "output"), taken, "Out")).ToImmutableArray();
        return new ParameterNames(inputs, outputs);
    }

    private static string Word(string name, string otherwise)
    {
        var words = new string([.. name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : ' ')])
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string word = string.Concat(words.Select((w, i) => i == 0 ? Lower(w) : char.ToUpperInvariant(w[0]) + w[1..]));
        if (word.Length > Longest) word = word[..Longest];
        return word.Length == 0 ? otherwise : char.IsAsciiDigit(word[0]) ? otherwise + word : word;
    }

    // "Input" becomes "input", "INPUT" too, and "RGBImage" becomes "rgbImage".
    private static string Lower(string word)
    {
        int capitals = word.TakeWhile(char.IsAsciiLetterUpper).Count();
        int lowered = capitals == word.Length || capitals <= 1 ? capitals : capitals - 1;
        return word[..lowered].ToLowerInvariant() + word[lowered..];
    }

    private static string Unique(string word, HashSet<string> taken, string suffix = "")
    {
        string name = word;
        if (!taken.Add(name)) name = taken.Add(word + suffix) ? word + suffix : Numbered();
        return SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None || SyntaxFacts.GetContextualKeywordKind(name) != SyntaxKind.None
            ? $"@{name}" : name;

        string Numbered()
        {
            int number = 2;
            while (!taken.Add($"{word}{suffix}{number}")) number++;
            return $"{word}{suffix}{number}";
        }
    }
}
