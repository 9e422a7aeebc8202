using System.Collections.Immutable;
using System.CommandLine;
using Nncc.Passes.Rules;
using Nncc.Passes.Rules.Proofs;

namespace Nncc.Cli.Commands;

/// <summary>Writes pages about rules.</summary>
internal sealed class RulesPagesVerb : Verb
{
    private readonly Option<string[]> folders = RulesVerb.Folders();
    private readonly Option<string> output = new("--output", "-o")
    {
        Description = "The folder of the pages", HelpName = "DIR", Required = true,
    };
    private readonly Option<string?> evidence = new("--evidence")
    {
        Description = "A file with what is known of each rule, a line RULE | PROOF | MODELS; without it proofs are made now",
        HelpName = "FILE",
    };

    public RulesPagesVerb() : base("pages", "Write a Markdown page for each rule file: rules, laws, evidence") =>
        Takes(folders, output, evidence);

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
    [
        new("nncc rules pages --rules my-rules/ -o docs/", "for rules of your own"),
        new("nncc rules pages --evidence rules/evidence.txt -o docs/rules/", "for those that come with nncc"),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json => [new("files[]", "names of the pages")];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        var library = RulesVerb.Load(call, folders);
        bool isOwn = call.Get(folders)!.Length > 0;
        var rules = library.Rules.Where(r => r.IsShipped != isOwn).ToList();
        var known = call.Output.Busy("writing pages", _ => call.Get(evidence) is { } file ? Read(file) : Prove(library, rules, call));
        var pages = RulePages.Print(rules, known);
        string folder = call.Get(output)!;
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var (name, text) in pages) File.WriteAllText(Path.Combine(folder, name), text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NnccException(FaultCodes.FileAccess, e.Message, folder);
        }
        call.Output.Told($"wrote {pages.Count} pages about {rules.Count} rules to {folder}");
        call.Output.Json(new { files = pages.Keys });
        return ExitCode.Ok;
    }

    private static SortedDictionary<string, RuleEvidence> Read(string file)
    {
        try
        {
            return RuleEvidence.Read(File.ReadAllLines(file), file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NnccException(FaultCodes.FileAccess, e.Message, file);
        }
    }

    private static SortedDictionary<string, RuleEvidence> Prove(RuleLibrary library, List<Rule> rules, Invocation call)
    {
        var proof = new RuleProof(library);
        var found = new SortedDictionary<string, RuleEvidence>(StringComparer.Ordinal);
        foreach (var rule in rules) found[rule.Id] = RuleEvidence.Of(proof.Prove(rule, call.Cancellation), []);
        return found;
    }
}
