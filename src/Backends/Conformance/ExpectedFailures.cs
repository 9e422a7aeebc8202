using System.Collections.Immutable;

namespace Nncc.Backends.Conformance;

/// <summary>
/// Cases that a backend is known to fail, each with its reason, from a file of lines <c>suite/case: reason</c>; empty lines and lines that
/// start with <c>#</c> say nothing. A name may end in <c>*</c> for all that start so. The list may only shrink: a case in it that passes is
/// as wrong as one outside that fails.
/// </summary>
public sealed class ExpectedFailures
{
    private readonly ImmutableArray<(string Name, string Reason)> entries;

    private ExpectedFailures(ImmutableArray<(string, string)> entries) => this.entries = entries;

    /// <summary>Reads a list.</summary>
    /// <exception cref="NnccException">The file cannot be read, a line gives no reason, or a name stands twice: all faults.</exception>
    public static ExpectedFailures Read(string path)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NnccException(FaultCodes.FileAccess, e.Message.TrimEnd('.'), $"\"{path}\"");
        }
        var faults = new List<Fault>();
        var entries = ImmutableArray.CreateBuilder<(string Name, string Reason)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#') continue;
            int colon = line.IndexOf(": ", StringComparison.Ordinal);
            if (colon <= 0) Fault(i, $"\"{line}\" is not \"suite/case: reason\"");
            else if (!names.Add(line[..colon])) Fault(i, $"{line[..colon]} stands in the list already");
            else entries.Add((line[..colon], line[(colon + 2)..]));
        }
        return faults.Count == 0 ? new ExpectedFailures(entries.ToImmutable()) : throw new NnccException([.. faults]);

        void Fault(int line, string message) => faults.Add(new Fault(FaultCodes.DataFile, message, $"\"{path}\", line {line + 1}"));
    }

    /// <summary>The reason why a case fails; null where it is not expected to.</summary>
    public string? ReasonOf(string name) => entries.FirstOrDefault(e => Covers(e.Name, name)).Reason;

    /// <summary>What is not as the list says: cases that fail without a reason, and entries that no failing case needs.</summary>
    public IEnumerable<string> Contradictions(ConformanceReport report)
    {
        var suites = report.Results.Select(r => r.Case.Suite).ToHashSet(StringComparer.Ordinal);
        foreach (var result in report.Results)
            if (result.Status != ConformanceStatus.Passed && ReasonOf(result.Case.Name) is null)
                yield return $"{result.Case.Name} fails ({result.Status.ToString().ToLowerInvariant()}): {result.Reason}";
            else if (result.Status == ConformanceStatus.Passed && entries.Any(e => e.Name == result.Case.Name))
                yield return $"{result.Case.Name} passes, and the list expects it to fail";
        foreach (var (name, _) in entries)
            if (suites.Contains(name.Split('/')[0]) && report.Results.All(r => r.Case.Name != name
                && (!Covers(name, r.Case.Name) || r.Status == ConformanceStatus.Passed)))
                yield return $"no failing case needs \"{name}\" of the list";
    }

    private static bool Covers(string entry, string name) =>
        entry.EndsWith('*') ? name.StartsWith(entry[..^1], StringComparison.Ordinal) : entry == name;
}
