using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Nncc.Backends;
using Nncc.Backends.Engines;
using Nncc.Backends.Models;
using Nncc.IR.Onnx;
using Nncc.Passes.Targets;

namespace Nncc.Cli.Commands;

/// <summary>Runs a model.</summary>
internal sealed class RunVerb : Verb
{
    private const string MadeUp = "random";

    private static readonly ImmutableSortedDictionary<string, Engine> Engines = new Dictionary<string, Engine>
    {
        ["csharp"] = Engine.CSharp, ["evaluator"] = Engine.Evaluator, ["wide"] = Engine.Wide, ["onnxruntime"] = Engine.OnnxRuntime,
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    private readonly ModelOptions model = new(HostTarget.Name);
    private readonly Option<string[]> inputs = new("--input", "-i")
    {
        Description = "An input from a file (.npy, .pb), or made up with random; once for each, or random for all", HelpName = "NAME=FILE",
            DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> outputs = ExtractVerb.NameList("--output",
        "Nodes or values to print in place of the model's outputs");
    private readonly Option<string> engine = new("--engine")
    {
        Description = "What computes it", HelpName = string.Join('|', Engines.Keys), DefaultValueFactory = _ => "csharp",
    };

    private readonly Option<string?> folder = new("--save", "-o")
    {
        Description = "Write each output to a .npy file in this folder", HelpName = "DIR",
    };
    private readonly Option<int> seed = new("--seed")
    {
        Description = "Seed of made-up inputs", HelpName = "N", DefaultValueFactory = _ => 1,
    };
    private readonly Option<int> top = new("--top")
    {
        Description = "How many of the greatest values of an output to print", HelpName = "N", DefaultValueFactory = _ => 5,
    };

    public RunVerb() : base("run", "Run a model in this process and print what it gives")
    {
        engine.AcceptOnlyFromAmong([.. Engines.Keys]);
        Takes([model.Model, inputs, outputs, engine, .. model.Lowering, folder, seed, top, .. model.Sizes, .. model.Rewriting.All,
            model.OnnxRuntime]);
    }

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
    [
        new("nncc run squeezenet.onnx --input data=image.npy", "compiles in memory and runs"),
        new("nncc run squeezenet.onnx --input random --output conv1,pool1 --engine evaluator", "values inside, by the evaluator"),
        new("nncc run bert.onnx --dim batch=1 --dim seq=128 --input random -o results/", "saves the outputs"),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("engine", "what computed it, such as csharp cpu-avx2"),
        new("milliseconds", "time of the run without loading and compiling"),
        new("outputs[].name", "name of an output"),
        new("outputs[].type", "its type, such as f32[1x1000]"),
        new("outputs[].top[].index[]", "place of one of the greatest values; of small outputs all are listed in order"),
        new("outputs[].top[].value", "the value"),
        new("outputs[].file", "the file that was written; null without -o"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        var compiler = model.Compiler(call);
        var read = model.Read(call, compiler);
        if (call.Get(outputs) is { Length: > 0 } names) read = read with { Graph = ChosenOutputs.Of(read.Graph, names) };
        read = compiler.Specialize(read, call.Cancellation);
        var given = Inputs(call, read.Graph);
        compiler = compiler.With(compiler.Options with
        {
            Passes = ModelInputs.WithShapes(compiler.Options.Passes.WithoutSizes, read.Graph, given),
        });
        string? path = call.Get(outputs) is { Length: > 0 } ? null : call.Get(model.Model);
        var (results, name, elapsed) = call.Output.Busy("running", told =>
        {
            using var runner = Load(call, compiler, read, path);
            told(runner.Name);
            long start = System.Diagnostics.Stopwatch.GetTimestamp();
            return (runner.Run(given, call.Cancellation), runner.Name, System.Diagnostics.Stopwatch.GetElapsedTime(start));
        });
        var printed = read.Graph.Outputs.Select((o, i) => new PrintedOutput(o.Name, results[i])).ToList();
        var files = call.Get(folder) is { } place ? Save(printed, place) : [];
        call.Output.Told(string.Create(CultureInfo.InvariantCulture, $"{name}, {elapsed.TotalMilliseconds:F1} ms"));
        foreach (var output in printed) output.Print(call.Output, call.Get(top));
        call.Output.Json(new
        {
            engine = name, milliseconds = Math.Round(elapsed.TotalMilliseconds, 3),
            outputs = printed.Select((o, i) =>
                new { name = o.Name, type = o.Content.Type.ToString(), top = o.Top(call.Get(top)), file = files.ElementAtOrDefault(i) }),
        });
        return ExitCode.Ok;
    }

    private IModelRunner Load(Invocation call, Compiler compiler, Model read, string? path)
    {
        try
        {
            return compiler.Host(Engines[call.Get(engine)!], read, path, call.Cancellation);
        }
        catch (NnccException e) when (e.Faults.All(f => f.Code.Exit == ExitCode.Unsupported) && Engines[call.Get(engine)!] == Engine.CSharp)
        {
            throw new NnccException([.. e.Faults.Select(f => f with { Advice = f.Advice ?? "--engine evaluator runs it" })]);
        }
    }

    private ImmutableArray<Datum?> Inputs(Invocation call, Graph graph)
    {
        var given = new Dictionary<string, Datum>(StringComparer.Ordinal);
        var faults = new List<Fault>();
        var names = graph.Inputs.Select(i => graph[i.Value].Name).ToList();
        foreach (string text in call.Get(inputs)!)
            try
            {
                if (text == MadeUp)
                {
                    for (int i = 0; i < names.Count; i++)
                        if (!given.ContainsKey(names[i]) && graph.Inputs[i].Default is null) given[names[i]] = ModelInputs.Random(graph, i,
                            call.Get(seed));
                    continue;
                }
                var (name, source) = ModelOptions.Pair(text, "--input", "NAME=FILE");
                int at = names.IndexOf(name);
                given[name] = source != MadeUp ? TensorFile.Read(source, at < 0 ? null : graph[graph.Inputs[at].Value].Type)
                    : at >= 0 ? ModelInputs.Random(graph, at, call.Get(seed))
                    : throw new NnccException(FaultCodes.InputData, $"the model has no input \"{name}\"",
                        advice: Suggestion.For(name, names, "its inputs are"));
            }
            catch (NnccException e)
            {
                faults.AddRange(e.Faults);
            }
        if (faults.Count > 0) throw new NnccException([.. faults]);
        return ModelInputs.Bind(graph, given);
    }

    private static List<string> Save(IEnumerable<PrintedOutput> outputs, string folder)
    {
        OutputFiles.Guard(folder, () => Directory.CreateDirectory(folder));
        var files = new List<string>();
        foreach (var output in outputs)
        {
            string name = string.Concat(output.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' ? c : '_'));
            string path = Path.Combine(folder, name.TrimStart('.') + (output.Content is Tensor ? ".npy" : ".pb"));
            for (int i = 1; files.Contains(path); i++) path = Path.Combine(folder, $"{name.TrimStart('.')}_{i}{Path.GetExtension(path)}");
            TensorFile.Write(path, output.Content, output.Name);
            files.Add(path);
        }
        return files;
    }
}
