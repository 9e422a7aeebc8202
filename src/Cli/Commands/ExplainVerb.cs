using System.Collections.Immutable;
using System.CommandLine;
using Nncc.Backends;
using Nncc.Passes;
using Nncc.Passes.Rules;

namespace Nncc.Cli.Commands;

/// <summary>Says why a rule was applied at a node of a model, or not.</summary>
internal sealed class ExplainVerb : Verb
{
    private readonly ModelOptions model = new();
    private readonly Option<string> rule = new("--rule")
    {
        Description = "Name of the rule, or of a pass", HelpName = "RULE", Required = true,
    };
    private readonly Option<string?> node = new("--node") { Description = "Name of a node of the model; all by default",
        HelpName = "NAME" };

    public ExplainVerb() : base("explain", "Say where a rule was applied, and why not elsewhere") =>
        Takes([model.Model, rule, node, .. model.Sizes, .. model.Rewriting.All]);

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
    [
        new("nncc explain net.onnx --rule fold-batch-norm-into-conv", "at all batch norms"),
        new("nncc explain net.onnx --rule gelu-of-half-last --node /mlp/Mul_1", "at one node"),
        new("nncc explain net.onnx -O3 --rule separable-convolution", "which convolutions were factored, and why others were not"),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("rule", "set and name, or the name of the pass"),
        new("outcomes[].outcome", "applied, refused (a condition does not hold) or mismatch (the pattern does not fit)"),
        new("outcomes[].place", "the node; where the rule was applied, the lines that went"),
        new("outcomes[].reason", "why not; where it was applied, the lines that came"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        var compiler = model.Compiler(call);
        if (compiler.Optimization.Passes.Any(p => p.Name == call.Get(rule) && p is not RewritePass)) return OfPass(call, compiler);
        var found = compiler.Rules.Find(call.Get(rule)!);
        var explanation = new RuleExplanation(compiler.Rules, found);
        var log = new StepLog(listener: explanation);
        var graph = Compiled(call, compiler, log);
        var outcomes = explanation.Outcomes(graph, compiler.Options.Passes, call.Get(node), log);
        Print(call, found.Id, outcomes, $"no node is {found.Match.Op}");
        return ExitCode.Ok;
    }

    private ExitCode OfPass(Invocation call, Compiler compiler)
    {
        var explanation = new PassExplanation(call.Get(rule)!);
        Compiled(call, compiler, new StepLog(listener: explanation));
        Print(call, call.Get(rule)!, explanation.Outcomes(call.Get(node)), "it changed nothing, and nothing nearly");
        return ExitCode.Ok;
    }

    private Graph Compiled(Invocation call, Compiler compiler, StepLog log)
    {
        compiler = compiler.With(compiler.Options with { Steps = log });
        return compiler.Canonicalize(model.Read(call, compiler), call.Cancellation).Graph;
    }

    private static void Print(Invocation call, string name, IReadOnlyList<RuleOutcome> outcomes, string nothing)
    {
        foreach (var outcome in outcomes)
        {
            call.Output.Line(outcome.Outcome == RuleOutcomeKind.Applied ? "applied:" : $"{Word(outcome)} at {outcome.Place}:");
            if (outcome.Outcome == RuleOutcomeKind.Applied)
                foreach (string line in outcome.Place.Split('\n')) call.Output.Line($"  - {line}");
            string sign = outcome.Outcome == RuleOutcomeKind.Applied ? "+ " : "";
            foreach (string line in outcome.Reason.Split('\n')) call.Output.Line($"  {sign}{line}");
        }
        var counts = outcomes.GroupBy(Word).Select(g => $"{g.Count()} {g.Key}");
        call.Output.Told($"{name}: {(outcomes.Count == 0 ? nothing : string.Join(", ", counts))}");
        call.Output.Json(new
        {
            rule = name, outcomes = outcomes.Select(o => new { outcome = Word(o), place = o.Place, reason = o.Reason }),
        });
    }

    private static string Word(RuleOutcome outcome) => outcome.Outcome.ToString().ToLowerInvariant();
}
