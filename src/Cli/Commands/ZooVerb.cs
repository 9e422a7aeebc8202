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

    private readonly Option<double?> width = new("--width")
    {
        Description = "Factor of the numbers of channels, rounded as the network's source rounds them", HelpName = "FACTOR",
    };
    private readonly Option<double?> depth = new("--depth")
    {
        Description = "Factor of the numbers of layers in each stage, rounded up", HelpName = "FACTOR",
    };
    private readonly Option<int?> resolution = new("--resolution") { Description = "Pixels a side of the input", HelpName = "N" };
    private readonly Option<int?> classes = new("--classes") { Description = "Classes of the classifier", HelpName = "N" };
    private readonly Option<bool> count = new("--count")
    {
        Description = "Write nothing: print the exact count, and the time that each target takes at least",
    };

    public ZooVerb() : base("zoo", "Write a well-known architecture with random weights as ONNX")
    {
        name.CompletionSources.Add(_ => ModelZoo.All.Select(a => a.Name));
        Takes(name, list, output, seed, batch, width, depth, resolution, classes, count);
    }

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
        [new("nncc zoo --list", "what there is"),
            new("nncc zoo squeezenet1_1 -o squeezenet.onnx --seed 7", "the same seed gives the same file"),
            new("nncc zoo mobilenet_v2 --width 0.5 --resolution 160 --count", "what a smaller one costs, and on which target how long")];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("architectures[].name", "name (with --list)"),
        new("architectures[].summary", "what it is"),
        new("architectures[].scaling", "what of it can be changed: width, depth, resolution, classes"),
        new("name", "the architecture that was written"),
        new("output", "the file that was written"),
        new("opset", "its opset"),
        new("bytes", "its size in bytes"),
        new("parameters", "weights and biases (with --count)"),
        new("macs", "multiply-accumulates of a run"),
        new("flops", "2 for each"),
        new("activations", "elements of results"),
        new("targets[].name", "a target"),
        new("targets[].ms", "milliseconds that a run takes at least on one core of it"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        if (call.Get(list)) return List(call.Output);
        if (call.Get(name) is not { } wanted) throw new NnccException(FaultCodes.Usage, "no architecture is given",
            advice: "nncc zoo NAME, or nncc zoo --list");
        if (ModelZoo.Find(wanted) is not { } architecture)
            throw new NnccException(FaultCodes.UnknownName, $"the zoo has no \"{wanted}\"",
                advice: Suggestion.For(wanted, ModelZoo.All.Select(a => a.Name), "it has"));
        var options = new ZooOptions(call.Get(seed), call.Get(batch))
        {
            Width = call.Get(width), Depth = call.Get(depth), Resolution = call.Get(resolution), Classes = call.Get(classes),
            HasWeights = !call.Get(count),
        };
        if (ModelZoo.Complaint(architecture, options) is { } complaint)
            throw new NnccException(FaultCodes.Usage, complaint, advice: Scaling(architecture));
        var model = call.Output.Busy($"making {wanted}", _ => Build(architecture, options));
        if (call.Get(count)) return ZooCount.Print(call, architecture, model);
        string path = call.Get(output) ?? $"{wanted}.onnx";
        var (opset, files) = new Compiler().WriteOnnx(model, path, isAsItIs: true, call.Cancellation);
        call.Output.Told($"wrote {path} (opset {opset}, {Sizes.Text(files.Sum(f => f.Bytes))})");
        call.Output.Json(new { name = wanted, output = path, opset, bytes = files.Sum(f => f.Bytes) });
        return ExitCode.Ok;
    }

    // A resolution that the network cannot take (below what it divides by) shows when it is built.
    private static Model Build(Architecture architecture, ZooOptions options)
    {
        try
        {
            return ModelZoo.Build(architecture.Name, options);
        }
        catch (NnccException e)
        {
            throw new NnccException([.. e.Faults.Select(f =>
                new Fault(FaultCodes.Usage, $"\"{architecture.Name}\" cannot be built so: {f.Message}", f.Place, Scaling(architecture)))]);
        }
    }

    private static string Scaling(Architecture architecture) => architecture.Scaling == ZooScaling.None
        ? "nothing of it can be changed" : $"of it can be changed: {architecture.Scaling.ToString().ToLowerInvariant()}";

    private static ExitCode List(Output output)
    {
        var table = new TextTable("name", "can be changed", "what it is");
        foreach (var architecture in ModelZoo.All)
            table.Add(architecture.Name, Changes(architecture), architecture.Summary);
        output.Table(table);
        output.Json(new
        {
            architectures = ModelZoo.All.Select(a => new { name = a.Name, summary = a.Summary, scaling = Changes(a) }),
        });
        return ExitCode.Ok;

        static string Changes(Architecture a) => a.Scaling == ZooScaling.None ? "" : a.Scaling.ToString().ToLowerInvariant();
    }
}
