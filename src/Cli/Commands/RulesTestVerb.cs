using System.Collections.Immutable;
using System.CommandLine;
using Nncc.Passes.Rules.Testing;

namespace Nncc.Cli.Commands;

/// <summary>Tests rules from their own text.</summary>
internal sealed class RulesTestVerb : Verb
{
    private readonly Argument<string[]> names = new("name")
    {
        Description = "Names of rules; all by default", HelpName = "NAME", Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string[]> folders = RulesVerb.Folders();
    private readonly Option<int> seed = new("--seed") { Description = "Where random choices start", DefaultValueFactory = _ => 1 };

    public RulesTestVerb() : base("test", "Test rules on instances made from their own text, both sides under the evaluator") =>
        Takes(names, folders, seed);

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
    [
        new("nncc rules test", "all that come with nncc"),
        new("nncc rules test my-rule --rules my-rules/", "one of your own"),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("rules[].id", "set and name"),
        new("rules[].instances", "instances on which both sides were compared"),
        new("rules[].good", "whether all agreed and there was one"),
        new("rules[].neverFalse[]", "conditions that no instance failed"),
        new("rules[].counterexample", "a graph on which the sides differ, as text, or null"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        var library = RulesVerb.Load(call, folders);
        var rules = call.Get(names) is { Length: > 0 } wanted ? [.. wanted.Select(library.Find)] : library.Rules;
        var tester = new RuleTester(library, call.Get(seed));
        var reports = call.Output.Busy("testing rules", told => rules.Select(rule =>
        {
            told(rule.Id);
            return tester.Test(rule, call.Cancellation);
        }).ToList());
        var table = new TextTable("rule", ">instances", "found");
        foreach (var report in reports) table.Add(report.Rule.Id, $"{report.Instances}", Found(report));
        call.Output.Table(table);
        foreach (var report in reports.Where(r =>
            r.Counterexample is not null)) call.Output.Line($"{report.Rule.Id}:\n{report.Counterexample}");
        call.Output.Told($"{reports.Count} rules, {reports.Sum(r => r.Instances)} instances");
        call.Output.Json(new
        {
            rules = reports.Select(r => new { id = r.Rule.Id, instances = r.Instances, good = r.IsGood, neverFalse = r.NeverFalse,
                counterexample = r.Counterexample }),
        });
        var faults = reports.Where(r => !r.IsGood).Select(r => r.Counterexample is null
            ? new Fault(FaultCodes.RuleUntested, $"no instance of {r.Rule.Id} could be made", $"{r.Rule.Place}", "give it an example")
            : new Fault(FaultCodes.RuleWrong, $"the sides of {r.Rule.Id} differ", $"{r.Rule.Place}")).ToList();
        return faults.Count == 0 ? ExitCode.Ok : throw new NnccException([.. faults]);
    }

    private static string Found(RuleReport report) => report.Counterexample is not null ? "the sides differ"
        : report.Instances == 0 ? "no instance"
        : report.NeverFalse.IsEmpty ? "holds" : $"holds; never false: {string.Join(", ", report.NeverFalse)}";
}
