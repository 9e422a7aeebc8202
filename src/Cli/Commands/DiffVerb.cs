using System.Collections.Immutable;
using System.CommandLine;
using Nncc.Backends.Models;

namespace Nncc.Cli.Commands;

/// <summary>Says what differs between two models.</summary>
internal sealed class DiffVerb : Verb
{
    private readonly ModelOptions model = new();
    private readonly Argument<string> other = new("other") { Description = "The model it is compared with", HelpName = "OTHER" };
    private readonly Option<bool> exitCode = new("--exit-code") { Description = "End with status 3 where the models differ" };

    public DiffVerb() : base("diff", "Say what differs between two models: inputs and outputs, nodes, attributes, weights") =>
        Takes([model.Model, other, exitCode, .. model.Sizes]);

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples => [new("nncc diff model.onnx model.opt.onnx", "what an optimizer did")];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("same", "nodes that are the same, constants not counted"),
        new("interface[]", "differences in inputs and outputs, in words"),
        new("changes[].before[]", "nodes of the first model; empty where the second one has more"),
        new("changes[].after[]", "nodes of the second model that do their work; empty where they are gone"),
        new("changes[].differences[]", "what differs, in words; empty where nodes were replaced"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        var compiler = model.Compiler(call);
        Graph Read(string path) => compiler.Specialize(call.Output.Busy($"reading {Path.GetFileName(path)}", _ => compiler.Read(path)),
            call.Cancellation).Graph;
        var found = ModelDifference.Of(Read(call.Get(model.Model)!), Read(call.Get(other)!), compiler.Ops);
        foreach (string line in found.Interface) call.Output.Line(line);
        foreach (var change in found.Changes)
        {
            if (change.Differences.IsEmpty) call.Output.Line(change.After.IsEmpty ? $"- {Text(change.Before)}"
                : change.Before.IsEmpty ? $"+ {Text(change.After)}" : $"{Text(change.Before)}  ->  {Text(change.After)}");
            else foreach (string difference in change.Differences) call.Output.Line($"{Text(change.Before)}: {difference}");
        }
        call.Output.Line($"{Sizes.Count(found.Same)} nodes are the same, {Sizes.Count(found.Changes.Length)} places differ");
        call.Output.Json(new
        {
            same = found.Same, @interface = found.Interface,
            changes = found.Changes.Select(c => new
            {
                before = c.Before.Select(n => n.Place), after = c.After.Select(n => n.Place), differences = c.Differences,
            }),
        });
        return !found.IsEmpty && call.Get(exitCode) ? ExitCode.ConstraintNotMet : ExitCode.Ok;
    }

    private static string Text(ImmutableArray<Node> nodes) => string.Join(", ", nodes.Select(n =>
        n.Origin.Nodes.IsEmpty ? n.Op.FullName : $"{n.Op.FullName} \"{string.Join("\", \"", n.Origin.Nodes)}\""));
}
