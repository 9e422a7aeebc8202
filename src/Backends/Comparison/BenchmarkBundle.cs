using System.Collections.Immutable;
using System.Text.Json;
using Nncc.Backends.Benchmarks;
using Nncc.Backends.CSharp;
using Nncc.Backends.Models;
using Nncc.Passes.Programs;

namespace Nncc.Backends.Comparison;

/// <summary>
/// A project that measures programs of a model on another machine: it needs the .NET SDK alone, runs what the processor runs, and writes
/// JSON
/// that <see cref="Merge"/> sets beside predictions.
/// </summary>
public static class BenchmarkBundle
{
    /// <summary>The name of the file that the project writes.</summary>
    public const string Result = "measured.json";

    /// <summary>The files of the project.</summary>
    /// <param name="compiler">The compiler; its target and strategy are not asked for.</param>
    /// <param name="model">The model as read, its sizes bound by the options.</param>
    /// <param name="targets">Names of targets.</param>
    /// <param name="strategies">Names of strategies.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NnccException">As <see cref="StrategyComparison.Run"/>, or no pair has a program.</exception>
    public static Artifact Make(Compiler compiler, Model model, IReadOnlyList<string> targets, IReadOnlyList<string> strategies,
        CancellationToken cancellation = default)
    {
        var canonical = compiler.Canonicalize(model, cancellation);
        var files = ImmutableArray.CreateBuilder<ArtifactFile>();
        var pairs = new List<string>();
        var plans = new HashSet<string>(StringComparer.Ordinal);
        foreach (string target in targets)
            foreach (string strategy in strategies)
            {
                string name = $"Pair{pairs.Count + 1}";
                var pair = StrategyComparison.For(compiler, target, strategy);
                pair = pair.With(pair.Options with { CSharp = pair.Options.CSharp with { Class = "Network", Namespace = name,
                    IsLibrary = true } });
                var program = pair.Lower(canonical, cancellation);
                if (!plans.Add(StrategyComparison.Fingerprint(program))) continue; // what is the same program is measured once
                foreach (var file in pair.CSharp.EmitSources(program).Files) files.Add(file with { Path = $"{name}/{file.Path}" });
                pairs.Add(Pair(name, pair.Target.Name, strategy, program));
            }
        files.Add(ArtifactFile.OfText("Bundle.csproj", BundleSource.Project));
        files.Add(ArtifactFile.OfText("Program.cs", BundleSource.Program(pairs)));
        files.Add(ArtifactFile.OfText("README.md", $"""
            # Measurements of {model.Graph.Name}

            Made by nncc. Needs the .NET SDK 10 and nothing else:

                dotnet run -c Release

            runs each program that this processor can run, in turns, and writes `{Result}` here, which
            `nncc compare MODEL --measured {Result}` shows beside the predictions. Nothing else should run on the machine meanwhile.

            """.ReplaceLineEndings("\n")));
        return new Artifact([.. files.OrderBy(f => f.Path, StringComparer.Ordinal)]);
    }

    /// <summary>The predictions with the times of a file that such a project wrote.</summary>
    /// <param name="predictions">What was predicted.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="NnccException">The file is no such file, or measures other programs.</exception>
    public static ImmutableArray<StrategyPrediction> Merge(ImmutableArray<StrategyPrediction> predictions, string path)
    {
        var times = new Dictionary<string, MeasuredTime>(StringComparer.Ordinal);
        try
        {
            using var document = JsonDocument.Parse(ModelFile.ReadText(path));
            string machine = document.RootElement.GetProperty("machine").GetString()!;
            foreach (var run in document.RootElement.GetProperty("runs").EnumerateArray())
                times[run.GetProperty("plan").GetString()!] = new MeasuredTime(new RunTimes(run.GetProperty("runs").GetInt32(),
                    run.GetProperty("medianMs").GetDouble(), run.GetProperty("p90Ms").GetDouble(), run.GetProperty("minMs").GetDouble()),
                    run.GetProperty("p90Ms").GetDouble() > run.GetProperty("medianMs").GetDouble() * (1 + StrategyMeasurement.MostSpread),
                        machine);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new NnccException(FaultCodes.BadMeasurement, $"this is no measurement: {e.Message}", path,
                "the project of \"nncc bench --bundle\" writes one");
        }
        if (!predictions.Any(p => times.ContainsKey(p.Plan)))
            throw new NnccException(FaultCodes.BadMeasurement,
                $"none of the {times.Count} measured programs is one of those compared: they are of another model, "
                + "or of other options or another version",
                path, "make the bundle anew and compare with its targets and strategies");
        return [.. predictions.Select(p => times.TryGetValue(p.Plan, out var time) ? p with { Measured = time } : p)];
    }

    private static string Pair(string name, string target, string strategy, ModelProgram program)
    {
        string Sizes(IEnumerable<ProgramPort> ports) => string.Join(", ", ports.Select(p =>
            $"new {CSharpTypes.Name(p.Type.DType)}[{p.Type.Shape!.ToStatic()!.Aggregate(1L, (a, b) => a * b)}]"));
        string weights = $"{name}/Network.weights";
        return $"        new(\"{target}\", \"{strategy}\", \"{StrategyComparison.Fingerprint(program)}\", \"{weights}\", "
            + $"{name}.Network.Host,\n"
            + $"            [{Sizes(program.Inputs)}], [{Sizes(program.Outputs)}]),\n";
    }
}
