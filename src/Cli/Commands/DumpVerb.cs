using System.Collections.Immutable;
using System.CommandLine;
using Nncc.Backends.Models;

namespace Nncc.Cli.Commands;

/// <summary>Prints a model at a place of the compilation.</summary>
internal sealed class DumpVerb : Verb
{
    private readonly ModelOptions model = new();
    private readonly Option<string?> after = new("--after")
    {
        Description = "After this pass, or at this stage (see --list)", HelpName = "PASS",
    };
    private readonly Option<string?> before = new("--before") { Description = "Before this pass", HelpName = "PASS" };
    private readonly Option<bool> list = new("--list") { Description = "List the passes and stages" };
    private readonly Option<string?> output = new("--output", "-o")
    {
        Description = "Write to this file, with the weights, so that it reads back", HelpName = "FILE",
    };
    private readonly Option<bool> weights = new("--weights") { Description = "Print the weights too" };

    public DumpVerb() : base("dump", "Print the graph as text, after any pass or at any stage")
    {
        model.Model.Arity = ArgumentArity.ZeroOrOne;
        after.CompletionSources.Add(_ => StageDump.Points(new()).Select(p => p.Name));
        before.CompletionSources.Add(_ => StageDump.Points(new()).Where(p => !p.IsStage).Select(p => p.Name));
        Takes([model.Model, after, before, list, output, weights, .. model.Lowering, .. model.Sizes, .. model.Rewriting.All]);
    }

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
    [
        new("nncc dump squeezenet.onnx --after constant-folding", "the graph as text"),
        new("nncc dump squeezenet.onnx --after program --target cpu-avx512", "kernels, calls, buffers and weights"),
        new("nncc dump squeezenet.onnx -o squeezenet.nnir", "with its weights: nncc reads the file back"),
        new("nncc dump --list", "the passes and stages"),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("points[].name", "name of a pass or stage (with --list)"),
        new("points[].kind", "pass or stage"),
        new("points[].summary", "what is there"),
        new("at", "the pass or stage"),
        new("nodes", "nodes of the graph; absent for a program"),
        new("text", "the text; absent where it was written to a file"),
        new("file", "the file that was written; absent without -o"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        var compiler = model.Compiler(call);
        if (call.Get(list)) return List(call, StageDump.Points(compiler));
        if (call.Get(model.Model) is null) throw new NnccException(FaultCodes.Usage, "the model is not given",
            advice: "nncc dump MODEL, or nncc dump --list");
        if (call.Get(after) is not null && call.Get(before) is not null)
            throw new NnccException(FaultCodes.Usage, "--after and --before do not go together");
        string at = call.Get(before) ?? call.Get(after) ?? "canonical";
        var read = model.Read(call, compiler);
        var dump = StageDump.At(compiler, read, at, call.Get(before) is not null, call.Cancellation);
        Write(call, dump, at, compiler.Ops);
        return ExitCode.Ok;
    }

    private void Write(Invocation call, StageDump dump, string at, OpRegistry ops)
    {
        int? nodes = dump.Graph?.Nodes.Length;
        if (call.Get(output) is { } path)
        {
            dump.Write(path, ops);
            call.Output.Told($"wrote {path}");
            call.Output.Json(new { at, nodes, file = path });
            return;
        }
        if (!call.Output.IsJson) dump.Write(call.Output.Out, ops, elide: !call.Get(weights));
        else
        {
            using var text = new StringWriter { NewLine = "\n" };
            dump.Write(text, ops, elide: !call.Get(weights));
            call.Output.Json(new { at, nodes, text = text.ToString() });
        }
    }

    private static ExitCode List(Invocation call, IReadOnlyList<DumpPoint> points)
    {
        var table = new TextTable("name", "kind", "what is there");
        foreach (var point in points) table.Add(point.Name, Kind(point), point.Summary);
        call.Output.Table(table);
        call.Output.Json(new { points = points.Select(p => new { name = p.Name, kind = Kind(p), summary = p.Summary }) });
        return ExitCode.Ok;
    }

    private static string Kind(DumpPoint point) => point.IsStage ? "stage" : "pass";
}
