using System.Diagnostics;
using System.IO.MemoryMappedFiles;
using System.Numerics;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;

namespace Nncc.Backends.CSharp;

/// <summary>Names that a user may give to an emitted class and its namespace.</summary>
internal static partial class CSharpNames
{
    /// <summary>Namespaces that emitted files may open.</summary>
    public static readonly string[] Namespaces =
    [
        "System", "System.Buffers.Binary", "System.Collections.Generic", "System.Diagnostics", "System.Globalization", "System.IO",
        "System.IO.MemoryMappedFiles", "System.Linq", "System.Numerics", "System.Runtime.CompilerServices",
        "System.Runtime.InteropServices",
        "System.Runtime.Intrinsics", "System.Security.Cryptography", "System.Text", "System.Threading",
    ];

    private static readonly string[] Members =
        ["Info", "Run", "RunSteps", "Host", "Target", "MaxThreads", "Work", "Dispose", "Program", "Simd", "System"];

    private static readonly Lazy<HashSet<string>> Taken = new(() =>
    [
        .. Members, .. RuntimeSources.All.SelectMany(text => TypePattern().Matches(text)).Select(match => match.Groups[1].Value),
        .. new[] { typeof(object), typeof(Enumerable), typeof(SortedSet<>), typeof(MemoryMappedFile), typeof(Console), typeof(Stopwatch),
            typeof(BigInteger),
            typeof(IncrementalHash) }.SelectMany(type => type.Assembly.GetExportedTypes())
            .Where(type => type.Namespace is { } space && Namespaces.Contains(space)).Select(type => type.Name.Split('`')[0]),
    ]);

    /// <summary>Whether emitted code uses the name for something else.</summary>
    public static bool IsTaken(string name) => Taken.Value.Contains(name);

    /// <summary>What is wrong with the names of the options: all faults.</summary>
    public static IEnumerable<Fault> Faults(CSharpOptions options)
    {
        string[] parts = options.Namespace.Split('.');
        foreach (string? name in parts.Append(options.Class).Distinct())
        {
            if (name is null) continue;
            if (!SyntaxFacts.IsValidIdentifier(name) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
                yield return Bad($"\"{name}\" is no C# name", "letters, digits and _, not a digit first");
            else if (SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None || SyntaxFacts.GetContextualKeywordKind(name) != SyntaxKind.None)
                yield return Bad($"\"{name}\" is a word of C#", "choose another name");
            else if (IsTaken(name))
                yield return Bad($"the emitted code uses the name \"{name}\" for something else",
                    $"choose another name, such as {name}Model");
        }
        if (options.Class is { } given && parts.Contains(given))
            yield return Bad($"class and namespace have the name \"{given}\"", $"choose another name, such as {given}Model");

        static Fault Bad(string message, string advice) => new(FaultCodes.BadName, message, Advice: advice);
    }

    [GeneratedRegex(@"\b(?:class|struct|record|enum|interface|delegate \w+) (\w+)")]
    private static partial Regex TypePattern();
}
