using System.Collections.Immutable;

namespace Nncc.Passes.Rules;

/// <summary>What is known of a rule beside its text and takes long to find out; kept in a file with a line for each rule.</summary>
/// <param name="Proof">How it is proved, or why it is not.</param>
/// <param name="Models">Models that it is applied to.</param>
public sealed record RuleEvidence(string Proof, ImmutableArray<string> Models)
{
    private const string Proved = "proved", Separator = " | ";

    /// <summary>Whether the rule is proved.</summary>
    public bool IsProved => Proof.StartsWith(Proved, StringComparison.Ordinal);

    /// <summary>From a report of a proof.</summary>
    public static RuleEvidence Of(Proofs.ProofReport proof, IEnumerable<string> models) =>
        new(proof.IsProved ? $"{Proved} in {proof.Cases} cases, {proof.Bound}" : $"not proved: {proof.Bound}", [.. models]);

    /// <summary>The lines of a file, by the ids of rules. Lines that start with # are comments.</summary>
    /// <exception cref="NnccException">A line is none.</exception>
    public static SortedDictionary<string, RuleEvidence> Read(IEnumerable<string> lines, string file)
    {
        var evidence = new SortedDictionary<string, RuleEvidence>(StringComparer.Ordinal);
        foreach (string line in lines.Where(line => line.Length > 0 && line[0] != '#'))
        {
            string[] parts = line.Split(Separator.TrimEnd());
            if (parts.Length != 3) throw new NnccException(FaultCodes.RuleSyntax, $"\"{line}\" is no evidence", file,
                "a line is RULE | PROOF | MODELS");
            evidence[parts[0].Trim()] = new RuleEvidence(parts[1].Trim(), [.. parts[2].Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        }
        return evidence;
    }

    /// <summary>The line of a rule.</summary>
    public string Line(string id) => string.Join(Separator, id, Proof, string.Join(' ', Models)).TrimEnd();
}
