using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Nncc.Passes.Rules.Testing;

namespace Nncc.Cli.Commands;

/// <summary>Tests the test of rules: makes them wrong in one place each and sees whether that is noticed.</summary>
internal sealed class RulesMutateVerb : Verb
{
    private readonly Argument<string[]> names = new("name")
    {
        Description = "Names of rules; all by default", HelpName = "NAME", Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string[]> folders = RulesVerb.Folders();

    public RulesMutateVerb() : base("mutate", "Make rules wrong in one place each, and say which mistakes nobody notices") =>
        Takes(names, folders);

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
        [new("nncc rules mutate transpose-of-transpose", "each mistake, and who noticed it")];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("mutants[].rule", "set and name of the rule"),
        new("mutants[].what", "what was changed"),
        new("mutants[].fate", "killed, same (it rewrites as the rule does where it fires), proved or holds (another rule that is true "
            + "as well)"),
        new("killedShare", "killed mutants among those that are not shown to be equivalent: neither the same, nor true themselves"),
        new("mutants[].verdict", "by what"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        var library = RulesVerb.Load(call, folders);
        bool isOne = call.Get(names) is { Length: > 0 };
        var rules = isOne ? [.. call.Get(names)!.Select(library.Find)] : library.Rules;
        var mutations = new RuleMutations(library);
        var reports = call.Output.Busy("changing rules", told => rules.SelectMany(rule =>
        {
            told(rule.Id);
            return RuleMutations.Of(rule).Select(m => mutations.Judge(m, call.Cancellation)).ToList();
        }).ToList());
        var table = new TextTable("rule", "change", "fate", "why");
        foreach (var report in reports.Where(r => isOne || r.Fate == MutantFate.Holds))
            table.Add(report.Mutant.Rule.Id, report.Mutant.What, Fate(report), report.Verdict);
        call.Output.Table(table);
        int Count(MutantFate fate) => reports.Count(r => r.Fate == fate);
        int killed = Count(MutantFate.Killed), holds = Count(MutantFate.Holds);
        // What holds on many instances and is not proved counts as missed.
        double share = killed + holds == 0 ? 1 : (double)killed / (killed + holds);
        call.Output.Told(string.Create(CultureInfo.InvariantCulture, $"{reports.Count} mutants of {rules.Length} rules: {killed} killed, "
            + $"{Count(MutantFate.Same)} the same where they fire, {Count(MutantFate.Proved)} other rules that are proved, {holds} that "
            + $"hold on all instances; {share:P1} killed of those that are not shown to be equivalent"));
        call.Output.Json(new
        {
            killedShare = share,
            mutants = reports.Select(r => new { rule = r.Mutant.Rule.Id, what = r.Mutant.What, fate = Fate(r), verdict = r.Verdict }),
        });
        return ExitCode.Ok;
    }

    private static string Fate(MutantReport report) => report.Fate.ToString().ToLowerInvariant();
}
