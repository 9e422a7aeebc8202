using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Nncc.Backends;
using Nncc.Passes;
using Nncc.Passes.Rules;
using Nncc.Passes.Targets;

namespace Nncc.Cli.Commands;

/// <summary>Says why a rule was applied at a node of a model, or not.</summary>
internal sealed class ExplainVerb : Verb
{
    private const string All = "all";

    private readonly ModelOptions model = new(HostTarget.Name);
    private readonly Option<string?> rule = new("--rule") { Description = "Name of the rule, or of a pass", HelpName = "RULE" };
    private readonly Option<string?> cost = new("--cost")
    {
        Description = "Why the kernels that compute a node, or all of them, are predicted to take their time", HelpName = "NODE|all",
    };
    private readonly Option<string?> node = new("--node") { Description = "Name of a node of the model; all by default",
        HelpName = "NAME" };

    public ExplainVerb() : base("explain", "Say where a rule was applied and why not elsewhere, or what a kernel costs and why") =>
        Takes([model.Model, rule, node, cost, .. model.Lowering, .. model.Sizes, .. model.Rewriting.All]);

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
    [
        new("nncc explain net.onnx --rule fold-batch-norm-into-conv", "at all batch norms"),
        new("nncc explain net.onnx --rule gelu-of-half-last --node /mlp/Mul_1", "at one node"),
        new("nncc explain net.onnx --cost /layer1/conv1/Conv --target cpu-avx2", "what its kernel is predicted to cost, and others would"),
        new("nncc explain net.onnx -O3 --rule separable-convolution", "which convolutions were factored, and why others were not"),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("rule", "set and name, or the name of the pass"),
        new("outcomes[].outcome", "applied, refused (a condition does not hold) or mismatch (the pattern does not fit)"),
        new("outcomes[].place", "the node; where the rule was applied, the lines that went"),
        new("outcomes[].reason", "why not; where it was applied, the lines that came"),
        new("kernels[].nodes[]", "ONNX nodes that a kernel computes (with --cost)"),
        new("kernels[].schedule", "how"),
        new("kernels[].us", "predicted microseconds"),
        new("kernels[].computeUs", "of arithmetic alone"),
        new("kernels[].memoryUs", "of traffic alone"),
        new("kernels[].bytes", "bytes that it moves"),
        new("kernels[].lines[]", "the explanation"),
        new("target", "the target that is predicted for (with --cost)"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        if ((call.Get(rule) is null) == (call.Get(cost) is null))
            throw new NnccException(FaultCodes.Usage, "one of --rule and --cost is to be explained", "explain",
                "nncc explain --help shows both");
        var compiler = model.Compiler(call);
        if (call.Get(cost) is { } explained) return OfCost(call, compiler, explained);
        if (compiler.Optimization.Passes.Any(p => p.Name == call.Get(rule) && p is not RewritePass)) return OfPass(call, compiler);
        var found = compiler.Rules.Find(call.Get(rule)!);
        var explanation = new RuleExplanation(compiler.Rules, found);
        var log = new StepLog(listener: explanation);
        var graph = Compiled(call, compiler, log);
        var outcomes = explanation.Outcomes(graph, compiler.Options.Passes, call.Get(node), log);
        Print(call, found.Id, outcomes, $"no node is {found.Match.Op}");
        return ExitCode.Ok;
    }

    private ExitCode OfCost(Invocation call, Compiler compiler, string name)
    {
        var scheduled = compiler.Schedule(model.Read(call, compiler), call.Cancellation).Graph;
        var all = compiler.CSharp.Explain(scheduled);
        var found = name == All ? all : [.. all.Where(k => k.Nodes.Contains(name))];
        if (found.IsEmpty)
            throw new NnccException(FaultCodes.UnknownName, $"no kernel computes a node \"{name}\"", "--cost",
                Suggestion.For(name, all.SelectMany(k => k.Nodes).Distinct(), "kernels compute") + "; what was folded or removed has none");
        double whole = all.Sum(k => k.Cost.TotalNs);
        foreach (var kernel in found)
        {
            string share = (kernel.Cost.TotalNs / whole).ToString("0.0%", CultureInfo.InvariantCulture);
            call.Output.Line($"{string.Join(" ", kernel.Nodes)} ({share} "
                + $"of the model on {compiler.Target.Name}):");
            foreach (string line in kernel.Lines()) call.Output.Line($"  {line}");
        }
        if (!compiler.Target.IsMeasured)
            call.Output.Told($"predictions for {compiler.Target.Name} were never compared with measurements");
        call.Output.Json(new
        {
            target = compiler.Target.Name,
            kernels = found.Select(k => new
            {
                nodes = k.Nodes, schedule = k.Schedule.ToString(), us = k.Cost.TotalNs / 1000, computeUs = k.Cost.ComputeNs / 1000,
                memoryUs = k.Cost.MemoryNs / 1000, bytes = k.Cost.Bytes, lines = k.Lines(),
            }),
        });
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
