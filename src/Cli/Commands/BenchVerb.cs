using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Nncc.Backends;
using Nncc.Backends.Benchmarks;
using Nncc.Backends.Comparison;
using Nncc.Backends.CSharp;
using Nncc.Passes;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Cli.Commands;

/// <summary>Measures a model beside ONNX Runtime.</summary>
internal sealed class BenchVerb : Verb
{
    private const string Other = "onnxruntime", Nobody = "none";

    private readonly ModelOptions model = new(HostTarget.Name);
    private readonly Option<int> threads = new("--threads")
    {
        Description = "Threads of each engine", HelpName = "N", DefaultValueFactory = _ => 1,
    };
    private readonly Option<string?> versus = new("--vs")
    {
        Description = $"What it is measured beside: {Other} or {Nobody}; by default {Other} where its library is found",
        HelpName = $"{Other}|{Nobody}",
    };
    private readonly Option<int> runs = new("--runs")
    {
        Description = "Runs that each engine makes at least", HelpName = "N", DefaultValueFactory = _ => 200,
    };
    private readonly Option<double> seconds = new("--seconds")
    {
        Description = "Seconds that each engine runs at least", HelpName = "S", DefaultValueFactory = _ => 5,
    };
    private readonly Option<double> most = new("--max-seconds")
    {
        Description = "Seconds after which measuring ends in any case", HelpName = "S", DefaultValueFactory = _ => 60,
    };
    private readonly Option<bool> noErrors = new("--no-errors")
    {
        Description = "Do not compare the answers with the wide evaluation, which takes long for large models",
    };
    private readonly Option<bool> layers = new("--layers")
    {
        Description = "The time of each layer, by the nodes of the model, beside the time that it takes at least",
    };
    private readonly Option<int?> top = new("--top") { Description = "Show the N longest layers", HelpName = "N" };
    private readonly Option<bool> items = new("--items")
    {
        Description = "Items a second: in batches, with threads, and with as many instances of one thread each",
    };
    private readonly Option<string?> data = new("--data")
    {
        Description = "A folder with inputs (test_data_set_0/input_0.pb, ...), which bind open sizes too", HelpName = "DIR",
    };
    private readonly Option<string?> bundle = new("--bundle")
    {
        Description = "Measure nothing, but write a project that measures all strategies on another machine, for --target NAME,NAME,...",
        HelpName = "DIR",
    };
    private readonly Option<int> seed = new("--seed")
    {
        Description = "Seed of made-up inputs", HelpName = "N", DefaultValueFactory = _ => 1,
    };

    public BenchVerb() : base("bench", "Measure emitted C#, beside ONNX Runtime")
    {
        versus.AcceptOnlyFromAmong(Other, Nobody);
        Takes([model.Model, threads, versus, runs, seconds, most, noErrors, layers, top, items, data, seed, bundle, .. model.Lowering,
            .. model.Sizes, .. model.Rewriting.All, model.OnnxRuntime]);
    }

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
    [
        new("nncc bench resnet50.onnx --threads 1 --vs onnxruntime", "both engines in turns on the same inputs"),
        new("nncc bench resnet50.onnx --layers --top 10", "the ten layers that take longest, and what bounds them"),
        new("nncc bench resnet50.onnx --target cpu-avx2,cpu-neon --bundle there/", "a project to measure on another machine"),
        new("nncc bench resnet50.onnx --runs 20 --seconds 0.5 --no-errors --json", "a short look, for scripts"),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json => BenchJson.Fields;

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        Check(call);
        var compiler = model.Compiler(call);
        var read = model.Read(call, compiler);
        if (call.Get(bundle) is { } folder) return Bundle(call, compiler, read, folder);
        var report = call.Output.Busy("benchmark", told => ModelBenchmark.Run(compiler, read, new BenchmarkOptions
        {
            Clock = TimeProvider.System, Threads = call.Get(threads), HasOnnxRuntime = HasOther(call, compiler), Runs = call.Get(runs),
            Seconds = call.Get(seconds), MostSeconds = call.Get(most), HasErrors = !call.Get(noErrors), HasLayers = call.Get(layers),
            HasItems = call.Get(items), DataFolder = call.Get(data), Seed = call.Get(seed), ModelPath = call.Get(model.Model),
            Progress = told,
        }, call.Cancellation));
        BenchText.Print(call.Output, read.Graph.Name, report, call.Get(top) ?? int.MaxValue);
        string? version = report.Engines.Length > 1 ? compiler.OnnxRuntime.Version : null;
        call.Output.Json(BenchJson.Of(read.Graph.Name, report, call.Get(top) ?? int.MaxValue, version));
        return ExitCode.Ok;
    }

    private static ExitCode Bundle(Invocation call, Compiler compiler, Model read, string folder)
    {
        ArtifactFolder.CheckTarget(folder, force: false);
        var files = call.Output.Busy("bundle", _ => ArtifactFolder.Write(BenchmarkBundle.Make(compiler, read,
            [.. compiler.ChosenTargets.Select(t => t.Name)], [.. compiler.Strategies.All.Select(s => s.Name)], call.Cancellation), folder,
                false,
            call.Cancellation));
        call.Output.Told($"wrote {folder} ({files.Count} files, {Sizes.Text(files.Sum(f => f.Bytes))}); there: dotnet run -c Release");
        call.Output.Json(new { bundle = folder, files = files.Select(f => new { path = f.Path, bytes = f.Bytes }) });
        return ExitCode.Ok;
    }

    // All that is wrong with the options at once.
    private void Check(Invocation call)
    {
        var faults = new List<Fault>();
        Expect(call.Get(threads) is >= 1 and <= CSharpOptions.MostThreads, threads, call.Get(threads), $"1 to {CSharpOptions.MostThreads}");
        Expect(call.Get(runs) >= 1, runs, call.Get(runs), "1 or more");
        Expect(call.Get(seconds) is >= 0 and <= 1e6, seconds, call.Get(seconds), "0 or more");
        Expect(call.Get(most) is > 0 and <= 1e6, most, call.Get(most), "more than 0");
        Expect(call.Get(top) is not < 1, top, call.Get(top) ?? 0, "1 or more");
        if (faults.Count > 0) throw new NnccException([.. faults]);

        void Expect(bool isGood, Option option, IFormattable value, string range)
        {
            if (isGood) return;
            string text = value.ToString(null, CultureInfo.InvariantCulture);
            faults.Add(new Fault(FaultCodes.Usage, $"{text} is not taken", option.Name, $"write a number: {range}"));
        }
    }

    // Without a word about it ONNX Runtime is measured where it is there.
    private bool HasOther(Invocation call, Compiler compiler)
    {
        if (call.Get(versus) is { } wanted) return wanted == Other;
        try
        {
            _ = compiler.OnnxRuntime;
            return true;
        }
        catch (NnccException e) when (e.Faults.All(f => f.Code == FaultCodes.OrtMissing || f.Code == FaultCodes.OrtVersion))
        {
            call.Output.Notice(new Notice("bench", $"measured alone, as {e.Faults[0].Message}", Advice: e.Faults[0].Advice));
            return false;
        }
    }
}
