using System.Collections.Immutable;
using System.CommandLine;
using Nncc.Backends;
using Nncc.Backends.Models;
using Nncc.Backends.Verification;

namespace Nncc.Cli.Commands;

/// <summary>Finds the first step of a compilation that makes its result wrong.</summary>
internal sealed class BisectVerb : Verb
{
    private readonly ModelOptions model = new();
    private readonly Option<int> seed = new("--seed")
    {
        Description = "Seed of the made-up inputs", HelpName = "N", DefaultValueFactory = _ => 1,
    };
    private readonly Option<string?> output = new("--output", "-o")
    {
        Description = "Shrink the model as long as its compilation is wrong, and write it to this ONNX file", HelpName = "FILE",
    };

    public BisectVerb() : base("bisect", "Find the first rewrite that moves an output of a model beyond its tolerance") =>
        Takes([model.Model, seed, output, .. model.Rewriting.All.Where(o => o.Name is not ("--step-limit" or "--check")), .. model.Sizes]);

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
        [new("nncc bisect model.onnx --rules my-rules -o small.onnx", "which application of a rule is wrong, and a small model for it")];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("steps", "steps of the whole compilation"),
        new("runs", "compilations that were evaluated"),
        new("step", "number of the first wrong step, or null"),
        new("name", "the rule or kind of change, or null"),
        new("pass", "the pass, or null"),
        new("removed[]", "lines of the nodes that the step took away"),
        new("added[]", "lines of the nodes that it made"),
        new("fault", "why the result cannot be evaluated, or null"),
        new("outputs[].name", "an output"),
        new("outputs[].error", "max|a-b| / max|b| against the wide evaluation of the model, with the step"),
        new("outputs[].bar", "the largest error that counts as agreement"),
        new("small", "the file of the small model, or null"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        var compiler = model.Compiler(call);
        var read = model.Read(call, compiler);
        var found = call.Output.Busy("bisecting", told => new StepBisection(compiler, read, call.Get(seed), call.Cancellation).Find(told));
        string? small = found.First is null ? null : Shrink(call, compiler, read);
        Print(call.Output, found);
        call.Output.Json(new
        {
            steps = found.Steps, runs = found.Runs, step = found.First?.Number, name = found.First?.Name, pass = found.First?.Pass,
            removed = found.First?.Removed ?? [], added = found.First?.Added ?? [], fault = found.Fault?.Message,
            outputs = found.After.Select(o => new { name = o.Output, error = o.Error, bar = o.Bar }), small,
        });
        return found.First is null ? ExitCode.Ok : ExitCode.ConstraintNotMet;
    }

    private static void Print(Output output, BisectionResult found)
    {
        if (found.First is not { } step)
        {
            output.Line($"none of {Sizes.Count(found.Steps)} steps moves an output beyond its bar");
            return;
        }
        output.Line($"step {step.Number} of {found.Steps}, {step.Name} in {step.Pass} ({found.Runs} runs):");
        foreach (string line in step.Removed) output.Line($"- {line}");
        foreach (string line in step.Added) output.Line($"+ {line}");
        if (found.Fault is not null) output.Line($"with it: {found.Fault}");
        foreach (var after in found.After.Where(o => !o.Agrees))
        {
            string before = found.Before.FirstOrDefault(o => o.Output == after.Output) is { } b ? $", before it {Sizes.Error(b.Error)}"
                : "";
            output.Line($"output \"{after.Output}\": error {Sizes.Error(after.Error)}{before}, bar {Sizes.Error(after.Bar)}");
        }
    }

    private string? Shrink(Invocation call, Compiler compiler, Model read)
    {
        if (call.Get(output) is not { } path) return null;
        var unsized = compiler.With(compiler.Options with { Passes = compiler.Options.Passes.WithoutSizes, Notify = null, Observe = null });
        var whole = compiler.Specialize(read, call.Cancellation);
        var small = call.Output.Busy("reducing", told => new ModelReduction(candidate => IsWrong(candidate), progress: told,
            cancellation: call.Cancellation).Run(whole));
        unsized.WriteOnnx(small, path, isAsItIs: true, call.Cancellation);
        call.Output.Told($"wrote {path} ({Sizes.Count(ModelReduction.CountNodes(small.Graph))} nodes)");
        return path;

        bool IsWrong(Model candidate)
        {
            try
            {
                return new StepBisection(unsized, candidate, call.Get(seed), call.Cancellation).IsWrong;
            }
            catch (NnccException)
            {
                return false; // what the evaluator does not run shows nothing
            }
        }
    }
}
