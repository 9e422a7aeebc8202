using System.Collections.Immutable;
using System.CommandLine;
using Nncc.Backends;
using Nncc.Zoo;

namespace Nncc.Cli.Commands;

/// <summary>Writes well-known architectures with seeded weights.</summary>
internal sealed class ZooVerb : Verb
{
    private readonly Argument<string?> name = new("name")
    {
        Description = "The architecture", HelpName = "NAME", Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<bool> list = new("--list") { Description = "List the architectures" };
    private readonly Option<string?> output = new("--output", "-o") { Description = "The ONNX file", HelpName = "FILE" };
    private readonly Option<ulong> seed = new("--seed")
    {
        Description = "Seed of the weights", HelpName = "N", DefaultValueFactory = _ => new ZooOptions().Seed,
    };
    private readonly Option<int> batch = new("--batch")
    {
        Description = "Size of the batch axis", HelpName = "N", DefaultValueFactory = _ => new ZooOptions().Batch,
    };

    public ZooVerb() : base("zoo", "Write a well-known architecture with random weights as ONNX")
    {
        name.CompletionSources.Add(_ => ModelZoo.All.Select(a => a.Name));
        Takes(name, list, output, seed, batch);
    }

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
        [new("nncc zoo --list", "what there is"),
            new("nncc zoo squeezenet1_1 -o squeezenet.onnx --seed 7", "the same seed gives the same file")];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("architectures[].name", "name (with --list)"),
        new("architectures[].summary", "what it is"),
        new("name", "the architecture that was written"),
        new("output", "the file that was written"),
        new("opset", "its opset"),
        new("bytes", "its size in bytes"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        if (call.Get(list)) return List(call.Output);
        if (call.Get(name) is not { } wanted) throw new NnccException(FaultCodes.Usage, "no architecture is given",
            advice: "nncc zoo NAME, or nncc zoo --list");
        if (ModelZoo.Find(wanted) is null)
            throw new NnccException(FaultCodes.UnknownName, $"the zoo has no \"{wanted}\"",
                advice: Suggestion.For(wanted, ModelZoo.All.Select(a => a.Name), "it has"));
        if (call.Get(batch) < 1) throw new NnccException(FaultCodes.Usage, $"a batch of {call.Get(batch)} has no images", "--batch",
            "1 or more");
        string path = call.Get(output) ?? $"{wanted}.onnx";
        var model = call.Output.Busy($"making {wanted}", _ => ModelZoo.Build(wanted, new ZooOptions(call.Get(seed), call.Get(batch))));
        var (opset, files) = new Compiler().WriteOnnx(model, path, isAsItIs: true, call.Cancellation);
        call.Output.Told($"wrote {path} (opset {opset}, {Sizes.Text(files.Sum(f => f.Bytes))})");
        call.Output.Json(new { name = wanted, output = path, opset, bytes = files.Sum(f => f.Bytes) });
        return ExitCode.Ok;
    }

    private static ExitCode List(Output output)
    {
        var table = new TextTable("name", "what it is");
        foreach (var architecture in ModelZoo.All) table.Add(architecture.Name, architecture.Summary);
        output.Table(table);
        output.Json(new { architectures = ModelZoo.All.Select(a => new { name = a.Name, summary = a.Summary }) });
        return ExitCode.Ok;
    }
}
