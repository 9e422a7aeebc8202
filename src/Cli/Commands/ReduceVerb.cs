using System.Collections.Immutable;
using System.CommandLine;
using Nncc.Backends.Models;

namespace Nncc.Cli.Commands;

/// <summary>Shrinks a model for which a command fails.</summary>
internal sealed class ReduceVerb : Verb
{
    private readonly ModelOptions model = new();
    private readonly Option<string> check = new("--check")
    {
        Description = "A command that fails for the model; {} is the model's path, which otherwise stands at the end", HelpName = "CMD",
        Required = true,
    };
    private readonly Option<string> output = new("--output", "-o")
    {
        Description = "The ONNX file of the small model", HelpName = "FILE", Required = true,
    };
    private readonly Option<int> checks = new("--checks")
    {
        Description = "How often the command is run at most", HelpName = "N", DefaultValueFactory = _ => 1000,
    };
    private readonly Option<int> limit = new("--timeout")
    {
        Description = "Seconds after which the command is stopped; a run that is stopped counts as one that does not fail", HelpName = "S",
        DefaultValueFactory = _ => 300,
    };

    public ReduceVerb() : base("reduce", "Shrink a model as long as a command fails for it in the same way") =>
        Takes([model.Model, check, output, checks, limit, .. model.Sizes]);

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
    [
        new("nncc reduce model.onnx --check \"nncc verify\" -o small.onnx", "a small model for a bug report"),
        new("nncc reduce model.onnx --check \"python3 fails.py {}\" -o small.onnx", "for any tool that reads ONNX"),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("output", "the file that was written"),
        new("status", "the exit status that the command has for the model and for the small one"),
        new("fault", "the number of the first fault that it tells of both, where it is nncc; otherwise null"),
        new("nodesBefore", "nodes of the model, constants not counted"),
        new("nodes", "nodes of the small model, constants not counted"),
        new("checks", "how often the command was run"),
        new("isExhausted", "whether the limit of checks ended the reduction"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        if (call.Get(checks) < 1 || call.Get(limit) < 1)
            throw new NnccException(FaultCodes.Usage, "--checks and --timeout are numbers from 1 on");
        var compiler = model.Compiler(call);
        var read = compiler.Specialize(model.Read(call, compiler), call.Cancellation);
        using var command = new CheckCommand(call.Get(check)!, TimeSpan.FromSeconds(call.Get(limit)), compiler);
        var end = call.Output.Busy("running the command on the model", _ => command.Run(read, call.Cancellation));
        if (!end.IsFailure)
            throw new NnccException(FaultCodes.NothingToReduce, end.Status is null ? "the command does not end for the model"
                : "the command does not fail for the model", "--check", "give a command whose exit status is not 0 for it");
        string path = call.Get(output)!;
        var (small, reduction) = call.Output.Busy("reducing", told =>
        {
            var reducing = new ModelReduction(candidate => command.Run(candidate, call.Cancellation) == end, call.Get(checks) - 1, told,
                call.Cancellation);
            return (reducing.Run(read), reducing);
        });
        compiler.WriteOnnx(small, path, isAsItIs: true, call.Cancellation);
        int before = ModelReduction.CountNodes(read.Graph), after = ModelReduction.CountNodes(small.Graph);
        call.Output.Told($"wrote {path}: {Sizes.Count(after)} of {Sizes.Count(before)} nodes, {end} as before, "
            + $"{reduction.Checks + 1} checks{(reduction.IsExhausted ? ", which is the limit" : "")}");
        call.Output.Json(new
        {
            output = path, status = end.Status, fault = end.Fault, nodesBefore = before, nodes = after, checks = reduction.Checks + 1,
            isExhausted = reduction.IsExhausted,
        });
        return ExitCode.Ok;
    }
}
