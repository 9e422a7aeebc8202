using System.Collections.Immutable;
using System.CommandLine;
using Nncc.Backends.Models;

namespace Nncc.Cli.Commands;

/// <summary>Cuts a part of a model out.</summary>
internal sealed class ExtractVerb : Verb
{
    private readonly ModelOptions model = new();
    private readonly Option<string[]> inputs = NameList("--inputs", "Values that become inputs; those that the outputs need by default");
    private readonly Option<string[]> outputs = NameList("--outputs", "Values or nodes that become outputs; the model's own by default");
    private readonly Option<string> output = new("--output", "-o") { Description = "The ONNX file", HelpName = "FILE", Required = true };

    public ExtractVerb() : base("extract", "Cut a part of a model out, between values, and write it as ONNX") =>
        Takes([model.Model, inputs, outputs, output, .. model.Sizes]);

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
        [new("nncc extract resnet18.onnx --inputs layer1_out --outputs layer2_out -o layer2.onnx", "the second group of layers")];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("output", "the file that was written"),
        new("nodes", "nodes in it, constants included"),
        new("inputs[]", "names of its inputs"),
        new("outputs[]", "names of its outputs"),
    ];

    /// <summary>An option for names between commas.</summary>
    public static Option<string[]> NameList(string name, string description) => new(name)
    {
        Description = description, HelpName = "NAME,...", DefaultValueFactory = _ => [],
        CustomParser = result => [.. result.Tokens.SelectMany(t =>
            t.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))],
    };

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        var compiler = model.Compiler(call);
        var read = compiler.Specialize(model.Read(call, compiler), call.Cancellation);
        var part = read with { Graph = Extraction.Cut(read.Graph, call.Get(inputs)!, call.Get(outputs)!) };
        string path = call.Get(output)!;
        compiler.WriteOnnx(part, path, isAsItIs: true, call.Cancellation);
        call.Output.Told($"wrote {path} ({Sizes.Count(part.Graph.Nodes.Length)} nodes)");
        call.Output.Json(new
        {
            output = path, nodes = part.Graph.Nodes.Length,
            inputs = part.Graph.Inputs.Select(i => part.Graph[i.Value].Name), outputs = part.Graph.Outputs.Select(o => o.Name),
        });
        return ExitCode.Ok;
    }
}
