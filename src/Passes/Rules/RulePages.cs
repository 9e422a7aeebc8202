using System.Text;

namespace Nncc.Passes.Rules;

/// <summary>
/// Pages about rules as Markdown: one for each rule file, with a part for each rule whose anchor is the rule's name, and an index.
/// </summary>
public static class RulePages
{
    private const int ModelsShown = 6;

    private const string Head = """
        # Rules

        Written by `nncc rules pages`; change the rules, not these pages. Each rule has a part with its name as anchor: what it does, its
        text, its law, how it is known to hold, and models that it is applied to at `-O2`.

        | rules | proved | in |
        |---|---|---|

        """;

    /// <summary>Texts by file names.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="evidence">What is known of them beside, by their ids.</param>
    public static SortedDictionary<string, string> Print(IEnumerable<Rule> rules, IReadOnlyDictionary<string, RuleEvidence> evidence)
    {
        var pages = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var index = new StringBuilder(Head.ReplaceLineEndings("\n"));
        foreach (var topic in rules.GroupBy(Topic, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            string name = $"{topic.Key.Replace('/', '-')}.md";
            var page = new StringBuilder($"# {topic.Key}\n");
            string reason = "";
            foreach (var rule in topic.OrderBy(r => r.Place.Line))
            {
                // A rule without a comment follows one that has it.
                if (rule.Reason.Length > 0) reason = rule.Reason;
                Add(page, rule, reason, evidence.GetValueOrDefault(rule.Id));
            }
            pages[name] = page.ToString();
            index.Append($"| {topic.Count()} | {topic.Count(r => evidence.GetValueOrDefault(r.Id)?.IsProved == true)} ");
            index.Append($"| [{topic.Key}]({name}) |\n");
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
        page.Append($"- evidence: tested on instances made from its text; {evidence?.Proof ?? "no proof was tried"}\n");
        page.Append($"- applied to: {Models(evidence)}\n");
    }

    private static string Models(RuleEvidence? evidence) => evidence is not { Models: { IsEmpty: false } models }
        ? "no model at hand; its equation is what it comes from"
        : string.Join(", ", models.Take(ModelsShown)) + (models.Length > ModelsShown ? $" and {models.Length - ModelsShown} more" : "");

    // Of the rules that come with nncc the path below their folder; of others the file's name.
    private static string Topic(Rule rule)
    {
        string path = rule.Place.File.Replace('\\', '/');
        string name = path.EndsWith(".rules", StringComparison.Ordinal) ? path[..^".rules".Length] : path;
        return rule.IsShipped ? name[(name.IndexOf('/') + 1)..] : name[(name.LastIndexOf('/') + 1)..];
    }
}
