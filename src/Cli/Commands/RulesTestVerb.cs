using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Nncc.Passes.Rules.Proofs;
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
        new("rules[].proved", "whether both sides were proved to be the same real numbers, up to a bound"),
        new("rules[].cases", "cases of the proof"),
        new("rules[].proof", "the bound of the proof, or why there is none"),
        new("rules[].seconds", "time that the test and the proof took"),
        new("seconds", "time of all"),
        new("rules[].counterexample", "a graph on which the sides differ, as text, or null"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        var library = RulesVerb.Load(call, folders);
        var rules = call.Get(names) is { Length: > 0 } wanted ? [.. wanted.Select(library.Find)] : library.Rules;
        var tester = new RuleTester(library, call.Get(seed));
        var proof = new RuleProof(library);
        var clock = TimeProvider.System;
        long start = clock.GetTimestamp();
        var reports = call.Output.Busy("testing rules", told => rules.Select(rule =>
        {
            told(rule.Id);
            long at = clock.GetTimestamp();
            var report = tester.Test(rule, call.Cancellation);
            var proved = report.IsGood ? proof.Prove(rule, call.Cancellation) : new ProofReport(false, 0, "it is wrong, or untested");
            return (Test: report, Proof: proved, Seconds: clock.GetElapsedTime(at).TotalSeconds);
        }).ToList());
        double seconds = clock.GetElapsedTime(start).TotalSeconds;
        var table = new TextTable("rule", ">instances", ">s", "found", "proof");
        foreach (var (report, proved, took) in reports)
            table.Add(report.Rule.Id, $"{report.Instances}", took.ToString("F2", CultureInfo.InvariantCulture), Found(report),
                proved.IsProved ? $"proved, {proved.Cases} cases, {proved.Bound}" : $"tested; {proved.Bound}");
        call.Output.Table(table);
        foreach (var report in reports.Select(r => r.Test).Where(r => r.Counterexample is not null))
            call.Output.Line($"{report.Rule.Id}:\n{report.Counterexample}");
        call.Output.Told(string.Create(CultureInfo.InvariantCulture,
            $"{reports.Count} rules, {reports.Sum(r => r.Test.Instances)} instances, {seconds:F1} s; "
            + $"{reports.Count(r => r.Proof.IsProved)} proved ({reports.Sum(r => r.Proof.Cases)} cases), "
            + $"{reports.Count(r => !r.Proof.IsProved)} tested"));
        call.Output.Json(new
        {
            rules = reports.Select(r => new { id = r.Test.Rule.Id, instances = r.Test.Instances, good = r.Test.IsGood,
                neverFalse = r.Test.NeverFalse, counterexample = r.Test.Counterexample, proved = r.Proof.IsProved, cases = r.Proof.Cases,
                proof = r.Proof.Bound, seconds = r.Seconds }),
            seconds,
        });
        var faults = reports.Select(r => r.Test).Where(r => !r.IsGood).Select(r => r.Counterexample is null
            ? new Fault(FaultCodes.RuleUntested, $"no instance of {r.Rule.Id} could be made", $"{r.Rule.Place}", "give it an example")
            : new Fault(FaultCodes.RuleWrong, $"the sides of {r.Rule.Id} differ", $"{r.Rule.Place}",
                "change it, or exclude the case that is printed with where; if rounding alone differs, law rounding says so")).ToList();
        return faults.Count == 0 ? ExitCode.Ok : throw new NnccException([.. faults]);
    }

    private static string Found(RuleReport report) => report.Counterexample is not null ? "the sides differ"
        : report.Instances == 0 ? "no instance"
        : report.NeverFalse.IsEmpty ? "holds" : $"holds; never false: {string.Join(", ", report.NeverFalse)}";
}
