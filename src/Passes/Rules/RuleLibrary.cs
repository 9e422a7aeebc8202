using System.Collections.Immutable;
using System.Reflection;

namespace Nncc.Passes.Rules;

/// <summary>
/// All rules of a compilation: those that come with nncc, and those of the user's folders. Checked together; in an order that does not
/// depend on the order of files.
/// </summary>
public sealed class RuleLibrary
{
    private const int SizeLimit = 1 << 20, RootLimit = 500;
    private const string Extension = ".rules";

    private RuleLibrary(ImmutableArray<Rule> rules, OpRegistry ops, RuleFunctions functions) =>
        (Rules, Ops, Functions) = (rules, ops, functions);

    /// <summary>The rules, by set and name.</summary>
    public ImmutableArray<Rule> Rules { get; }

    /// <summary>The ops that they speak of.</summary>
    public OpRegistry Ops { get; }

    /// <summary>The functions that they use.</summary>
    public RuleFunctions Functions { get; }

    /// <summary>The rules that come with nncc.</summary>
    public static RuleLibrary Standard(OpRegistry ops) => Load(ops, RuleFunctions.Standard(), []);

    /// <summary>The rules that come with nncc and those in folders of the user.</summary>
    /// <param name="ops">The ops.</param>
    /// <param name="functions">The functions.</param>
    /// <param name="folders">Folders with .rules files, also in folders inside.</param>
    /// <param name="more">Names and texts of further files, those of plugins.</param>
    /// <exception cref="NnccException">A file or a rule is wrong: all faults.</exception>
    public static RuleLibrary Load(OpRegistry ops, RuleFunctions functions, IEnumerable<string> folders,
        IEnumerable<(string File, string Text)>? more = null)
    {
        var shipped = Shipped().ToList();
        var texts = (more ?? []).ToList();
        foreach (string folder in folders)
        {
            if (!Directory.Exists(folder)) throw new NnccException(FaultCodes.FileAccess, $"there is no folder {folder}", "--rules");
            texts.AddRange(Directory.EnumerateFiles(folder, $"*{Extension}",
                SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(Read));
        }
        return Parse(shipped, texts, ops, functions);
    }

    /// <summary>The rules of texts, checked.</summary>
    /// <param name="texts">Names and contents of files.</param>
    /// <param name="ops">The ops.</param>
    /// <param name="functions">The functions.</param>
    /// <exception cref="NnccException">A rule is wrong: all faults.</exception>
    public static RuleLibrary Parse(IEnumerable<(string File, string Text)> texts, OpRegistry ops, RuleFunctions functions) =>
        Parse([], texts, ops, functions);

    private static RuleLibrary Parse(IEnumerable<(string File, string Text)> shipped, IEnumerable<(string File, string Text)> texts,
        OpRegistry ops, RuleFunctions functions)
    {
        var faults = new List<Fault>();
        var rules = shipped.SelectMany(t => RuleParser.Parse(t.File, t.Text, RuleSets.Canonical, faults))
            .Select(rule => rule with { IsShipped = true })
            .Concat(texts.SelectMany(t => RuleParser.Parse(t.File, t.Text, RuleSets.Canonical, faults))).ToList();
        foreach (var group in rules.GroupBy(r => r.Match.Op, StringComparer.Ordinal).Where(g => g.Count() > RootLimit))
            throw new NnccException(FaultCodes.RuleSyntax, $"{group.Count()} rules have {group.Key} at their root, at most {RootLimit} may",
                group.Last().Place.ToString(), "leave some of the files out");
        foreach (var rule in rules) faults.AddRange(RuleChecker.Check(rule, ops, functions));
        foreach (var group in rules.GroupBy(r => r.Name, StringComparer.Ordinal).Where(g => g.Count() > 1))
            foreach (var rule in group.Skip(1))
                faults.Add(new Fault(FaultCodes.RuleOverlap, $"the name {rule.Name} is taken by the rule at {group.First().Place}",
                    rule.Place.ToString()));
        foreach (var rule in rules)
            foreach (string other in rule.Before.Where(b => rules.All(r => r.Name != b)))
                faults.Add(new Fault(FaultCodes.RuleName, $"there is no rule \"{other}\"", rule.Place.ToString(),
                    Suggestion.For(other, rules.Select(r => r.Name), "there are")));
        if (faults.Count == 0) faults.AddRange(Overlaps(rules));
        if (faults.Count > 0) throw new NnccException([.. faults.Distinct()]);
        return new RuleLibrary([.. rules.OrderBy(r => r.Set, StringComparer.Ordinal).ThenBy(r => r.Name, StringComparer.Ordinal)], ops,
            functions);
    }

    /// <summary>The rule of a name (with or without its set).</summary>
    /// <exception cref="NnccException">There is none.</exception>
    public Rule Find(string name) => Rules.FirstOrDefault(r => r.Name == name || r.Id == name)
        ?? throw new NnccException(FaultCodes.NoSuchRule, $"there is no rule \"{name}\"", null,
            Suggestion.For(name, Rules.Select(r => r.Name), "there are"));

    // Patterns that are the same up to names must be told apart.
    private static IEnumerable<Fault> Overlaps(List<Rule> rules)
    {
        foreach (var group in rules.GroupBy(r => (r.Set, r.Match.Op)))
        {
            var list = group.ToList();
            for (int i = 0; i < list.Count; i++)
                for (int k = i + 1; k < list.Count; k++)
                {
                    var (a, b) = (list[i], list[k]);
                    if (!Specificity.Covers(a, b) || !Specificity.Covers(b, a)) continue;
                    if (a.Before.Contains(b.Name) || b.Before.Contains(a.Name) || Specificity.AreDisjoint(a, b)) continue;
                    yield return new Fault(FaultCodes.RuleOverlap,
                        $"rules {a.Name} and {b.Name} match the same nodes, and nothing decides between them",
                        b.Place.ToString(), $"add a condition that excludes those of {a.Name} ({a.Place}), or say which goes before the "
                            + $"other");
                }
        }
    }

    private static IEnumerable<(string, string)> Shipped()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (string name in assembly.GetManifestResourceNames().Where(n =>
            n.EndsWith(Extension, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return (name, reader.ReadToEnd());
        }
    }

    private static (string, string) Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > SizeLimit)
                throw new NnccException(FaultCodes.RuleSyntax, $"a rule file has at most {SizeLimit} bytes", path);
            return (path, new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NnccException(FaultCodes.FileAccess, e.Message, path);
        }
        catch (System.Text.DecoderFallbackException)
        {
            throw new NnccException(FaultCodes.RuleSyntax, "the file is not UTF-8 text", path);
        }
    }
}
