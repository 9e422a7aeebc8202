using System.Text;
using Nncc.Passes.Rules;

namespace Nncc.Tests.Rules;

/// <summary>The pages of docs/rules: one for each rule file, a part for each rule, from the rules and what is known of them.</summary>
internal static class RulePages
{
    private const int ModelsShown = 6;

    /// <summary>Pages by their file names.</summary>
    public static SortedDictionary<string, string> Print(RuleLibrary library, IReadOnlyDictionary<string, RuleEvidence> evidence)
    {
        var pages = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var index = new StringBuilder("""
            # Rules

            Written from `rules/` and `rules/evidence.txt` by a test; change them, not these pages. Each rule has a part with its name as
            anchor: what it does, its law, how it is known to hold, and models that it is applied to at `-O2`. The language is in
            [rules/README.md](../../rules/README.md).

            | rules | of them proved | in |
            |---|---|---|

            """.ReplaceLineEndings("\n"));
        foreach (var file in library.Rules.GroupBy(r => Topic(r)).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            string name = $"{file.Key.Replace('/', '-')}.md";
            var page = new StringBuilder($"# {file.Key}\n\nWritten by a test from `rules/{file.Key}.rules`.\n");
            string reason = "";
            foreach (var rule in file.OrderBy(r => r.Place.Line))
            {
                // Rules without a comment follow one that has it.
                if (rule.Reason.Length > 0) reason = rule.Reason;
                Add(page, rule, reason, evidence.GetValueOrDefault(rule.Id));
            }
            pages[name] = page.ToString();
            index.Append($"| {file.Count()} | {file.Count(r => IsProved(evidence.GetValueOrDefault(r.Id)))} | [{file.Key}]({name}) |\n");
        }
        pages["README.md"] = index.ToString();
        return pages;
    }

    private static void Add(StringBuilder page, Rule rule, string reason, RuleEvidence? evidence)
    {
        page.Append($"\n## {rule.Name}\n\n");
        if (reason.Length > 0) page.Append($"{reason}\n\n");
        page.Append($"```\n{rule}\n```\n\n");
        page.Append($"- law: {(rule.Law == RuleLaw.Exact ? "exact, the same bits" : "rounding; left out by `--strict-float`")}\n");
        page.Append($"- evidence: tested on instances made from its text; {(IsProved(evidence) ? evidence!.Proof
            : $"not proved ({evidence?.Proof ?? "new"})")}\n");
        page.Append($"- applied to: {Models(evidence)}\n");
    }

    private static bool IsProved(RuleEvidence? evidence) => evidence?.Proof.StartsWith("proved", StringComparison.Ordinal) == true;

    private static string Models(RuleEvidence? evidence) => evidence is not { Models: { Count: > 0 } models }
        ? "none of the models at hand; the pattern comes from its equation"
        : string.Join(", ", models.Take(ModelsShown)) + (models.Count > ModelsShown ? $" and {models.Count - ModelsShown} more" : "");

    // The name of the resource is the path below the root.
    private static string Topic(Rule rule) => rule.Place.File.Replace('\\', '/')["rules/".Length..^".rules".Length];
}
