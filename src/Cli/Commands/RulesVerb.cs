using System.Collections.Immutable;
using System.CommandLine;
using Nncc.Backends;
using Nncc.Passes.Rules;

namespace Nncc.Cli.Commands;

/// <summary>The rewrite rules.</summary>
internal sealed class RulesVerb() : Verb("rules", "List, show and test the rewrite rules")
{
    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
    [
        new("nncc rules list", "all of them"),
        new("nncc rules show transpose-of-transpose", "one of them"),
        new("nncc rules test --rules my-rules/", "whether each rule holds, from its own text"),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<Verb> Children => [new RulesListVerb(), new RulesShowVerb(), new RulesTestVerb(), new RulesMutateVerb(),
        new RulesPagesVerb()];

    /// <summary>The option for folders with the user's rules.</summary>
    public static Option<string[]> Folders() => new("--rules")
    {
        Description = "A folder with rules of your own; once for each", HelpName = "DIR", DefaultValueFactory = _ => [],
    };

    /// <summary>The rules that come with nncc and those of the folders.</summary>
    public static RuleLibrary Load(Invocation call, Option<string[]> folders) =>
        new Compiler(new CompilerOptions { RuleFolders = call.Get(folders)!.ToEquatable() }).Rules;
}

/// <summary>Lists the rules.</summary>
internal sealed class RulesListVerb : Verb
{
    private readonly Option<string[]> folders = RulesVerb.Folders();
    private readonly Option<bool> functions = new("--functions") { Description = "List the functions that rules may use" };

    public RulesListVerb() : base("list", "List the rules") => Takes(folders, functions);

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
    [
        new("nncc rules list --rules my-rules/", "with your own"),
        new("nncc rules list --functions", "what may stand behind where and let"),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("rules[].id", "set and name"),
        new("rules[].law", "exact or rounding"),
        new("rules[].place", "where it is written"),
        new("rules[].reason", "the comment above it"),
        new("functions[].name", "name of a function (with --functions)"),
        new("functions[].parameters", "its parameters"),
        new("functions[].summary", "what it gives"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        var library = RulesVerb.Load(call, folders);
        if (call.Get(functions))
        {
            var list = new TextTable("function", "gives");
            foreach (var f in library.Functions.All) list.Add($"{f.Name}({f.Parameters.Replace(" ", ", ")})", f.Summary);
            call.Output.Table(list);
            call.Output.Json(new { functions = library.Functions.All.Select(f =>
                new { name = f.Name, parameters = f.Parameters, summary = f.Summary }) });
            return ExitCode.Ok;
        }
        var table = new TextTable("rule", "law", "why");
        foreach (var rule in library.Rules) table.Add(rule.Id, Law(rule), rule.Reason);
        call.Output.Table(table);
        call.Output.Told($"{library.Rules.Length} rules");
        call.Output.Json(new { rules = library.Rules.Select(r =>
            new { id = r.Id, law = Law(r), place = $"{r.Place}", reason = r.Reason }) });
        return ExitCode.Ok;
    }

    private static string Law(Rule rule) => rule.Law.ToString().ToLowerInvariant();
}

/// <summary>Shows a rule.</summary>
internal sealed class RulesShowVerb : Verb
{
    private readonly Argument<string> name = new("name") { Description = "Name of the rule", HelpName = "NAME" };
    private readonly Option<string[]> folders = RulesVerb.Folders();

    public RulesShowVerb() : base("show", "Show a rule: its equation, its text and where it is written") => Takes(name, folders);

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples => [new("nncc rules show fold-batch-norm-into-conv", "its text")];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("id", "set and name"),
        new("law", "exact or rounding"),
        new("place", "where it is written"),
        new("reason", "the comment above it"),
        new("text", "the rule"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        var rule = RulesVerb.Load(call, folders).Find(call.Get(name)!);
        if (rule.Reason.Length > 0) call.Output.Line($"# {rule.Reason}");
        call.Output.Line($"{rule}");
        call.Output.Line($"# {rule.Set}, {rule.Place}");
        call.Output.Json(new { id = rule.Id, law = rule.Law.ToString().ToLowerInvariant(), place = $"{rule.Place}", reason = rule.Reason,
            text = $"{rule}" });
        return ExitCode.Ok;
    }
}
