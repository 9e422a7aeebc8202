using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Nncc.Backends.Benchmarks;
using Nncc.Backends.CSharp;
using Nncc.Backends.Models;
using Nncc.Passes.Programs;

namespace Nncc.Backends.Comparison;

/// <summary>
/// A project that measures programs of a model on another machine: it needs the .NET SDK alone, runs what the processor runs, and writes JSON
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
                pair = pair.With(pair.Options with { CSharp = pair.Options.CSharp with { Class = "Network", Namespace = name, IsLibrary = true } });
                var program = pair.Lower(canonical, cancellation);
                if (!plans.Add(StrategyComparison.Fingerprint(program))) continue; // what is the same program is measured once
                foreach (var file in pair.CSharp.EmitSources(program).Files) files.Add(file with { Path = $"{name}/{file.Path}" });
                pairs.Add(Pair(name, pair.Target.Name, strategy, program));
            }
        files.Add(ArtifactFile.OfText("Bundle.csproj", Project));
        files.Add(ArtifactFile.OfText("Program.cs", Program(pairs)));
        files.Add(ArtifactFile.OfText("README.md", $"""
            # Measurements of {model.Graph.Name}

            Made by nncc. Needs the .NET SDK 10 and nothing else:

                dotnet run -c Release

            runs each program that this processor can run, in turns, and writes `{Result}` here, which `nncc compare MODEL --measured {Result}`
            shows beside the predictions. Nothing else should run on the machine meanwhile.

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
                    run.GetProperty("p90Ms").GetDouble() > run.GetProperty("medianMs").GetDouble() * (1 + StrategyMeasurement.MostSpread), machine);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new NnccException(FaultCodes.BadMeasurement, $"this is no measurement: {e.Message}", path,
                "the project of \"nncc bench --bundle\" writes one");
        }
        if (!predictions.Any(p => times.ContainsKey(p.Plan)))
            throw new NnccException(FaultCodes.BadMeasurement,
                $"none of the {times.Count} measured programs is one of those compared: they are of another model, or of other options or another version",
                path, "make the bundle anew and compare with its targets and strategies");
        return [.. predictions.Select(p => times.TryGetValue(p.Plan, out var time) ? p with { Measured = time } : p)];
    }

    private static string Pair(string name, string target, string strategy, ModelProgram program)
    {
        string Sizes(IEnumerable<ProgramPort> ports) => string.Join(", ", ports.Select(p =>
            $"new {CSharpTypes.Name(p.Type.DType)}[{p.Type.Shape!.ToStatic()!.Aggregate(1L, (a, b) => a * b)}]"));
        string weights = $"{name}/Network.weights";
        return $"        new(\"{target}\", \"{strategy}\", \"{StrategyComparison.Fingerprint(program)}\", \"{weights}\", {name}.Network.Host,\n"
            + $"            [{Sizes(program.Inputs)}], [{Sizes(program.Outputs)}]),\n";
    }

    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <AllowUnsafeBlocks>true</AllowUnsafeBlocks>
            <InvariantGlobalization>true</InvariantGlobalization>
            <TieredCompilation>false</TieredCompilation>
          </PropertyGroup>
          <ItemGroup>
            <None Include="**/*.weights" CopyToOutputDirectory="PreserveNewest" />
          </ItemGroup>
        </Project>

        """;

    private static string Program(List<string> pairs)
    {
        var text = new StringBuilder("""
            using System.Diagnostics;
            using System.Globalization;
            using System.Runtime.InteropServices;

            Pair[] pairs =
            [

            """.ReplaceLineEndings("\n"));
        foreach (string pair in pairs) text.Append(pair);
        return text.Append("""
            ];
            const int Rounds = 15;
            const double BlockMs = 150;
            var loaded = new List<(Pair Pair, Action<Array[], Array?[]> Run, Action Release, List<double> Times)>();
            foreach (var pair in pairs)
            {
                try
                {
                    loaded.Add((pair, pair.Load(Path.Combine(AppContext.BaseDirectory, pair.Weights), out var release), release, []));
                    foreach (var input in pair.Inputs) Fill(input);
                }
                catch (PlatformNotSupportedException e)
                {
                    Console.WriteLine($"{pair.Target}, {pair.Strategy}: {e.Message}");
                }
            }
            for (int round = -2; round < Rounds; round++)
                foreach (var (pair, run, _, times) in loaded)
                {
                    long start = Stopwatch.GetTimestamp();
                    do
                    {
                        long before = Stopwatch.GetTimestamp();
                        run(pair.Inputs, pair.Outputs);
                        if (round >= 0) times.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
                    }
                    while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < BlockMs);
                }
            string machine = $"{RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}";
            var lines = loaded.Select(l =>
            {
                l.Times.Sort();
                string Ms(double share) => l.Times[(int)(share * (l.Times.Count - 1))].ToString("R", CultureInfo.InvariantCulture);
                Console.WriteLine($"{l.Pair.Target}, {l.Pair.Strategy}: {Ms(0.5)} ms");
                l.Release();
                return $"    {{ \"target\": \"{l.Pair.Target}\", \"strategy\": \"{l.Pair.Strategy}\", \"plan\": \"{l.Pair.Plan}\", \"runs\": {l.Times.Count}, "
                    + $"\"medianMs\": {Ms(0.5)}, \"p90Ms\": {Ms(0.9)}, \"minMs\": {Ms(0)} }}";
            }).ToList();
            File.WriteAllText("measured.json", $"{{\n  \"machine\": \"{machine.Replace('\"', ' ').Replace('\\', ' ')}\",\n  \"runs\": [\n{string.Join(",\n", lines)}\n  ]\n}}\n");

            // The same numbers on every machine; what the model takes does not change how long it takes.
            static void Fill(Array input)
            {
                if (input is not float[] floats) return;
                uint state = 1;
                for (int i = 0; i < floats.Length; i++) floats[i] = ((state = state * 1664525 + 1013904223) >> 8) / 8388608f - 1;
            }

            internal delegate Action<Array[], Array?[]> Loading(string weights, out Action release);

            internal sealed record Pair(string Target, string Strategy, string Plan, string Weights, Loading Load, Array[] Inputs, Array?[] Outputs);

            """.ReplaceLineEndings("\n")).ToString();
    }
}
