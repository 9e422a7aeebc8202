using System.Text.Json;
using Nncc.Backends;
using Nncc.Backends.Comparison;
using Nncc.IR;
using Nncc.Passes.Strategies;
using Nncc.Tests.Cli;
using Nncc.Tests.Support;
using Nncc.Zoo;

namespace Nncc.Tests.Strategies;

/// <summary>Comparing strategies on targets.</summary>
public sealed class ComparisonTests : IDisposable
{
    private static readonly string[] Strategies = [.. FusionStrategies.Shipped.Select(s => s.Name)];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Each_pair_has_a_row_of_figures_and_cost_is_predicted_the_fastest()
    {
        string[] targets = ["cpu-sse", "cpu-avx512", "wasm-simd128"];
        var rows = StrategyComparison.Run(new Compiler(), ModelZoo.Build("toy_cnn"), targets, Strategies);
        Assert.Equal(targets.Length * Strategies.Length, rows.Length);
        foreach (var group in rows.GroupBy(r => r.Target))
        {
            Assert.All(group, row => Assert.True(row is { Fault: null, PredictedMs: > 0, TrafficBytes: > 0, MemoryBytes: > 0,
                CodeChars: > 0,
                Kernels: > 0, Steps: > 0 }));
            Assert.Equal(group.Min(r => r.PredictedMs), group.Single(r => r.Strategy == "cost").PredictedMs, 1e-9);
            Assert.True(group.Single(r => r.Strategy == "none").Steps > group.Single(r => r.Strategy == "rules").Steps);
            Assert.NotEmpty(group.Single(r => r.Strategy == "none").Differences);
            Assert.Empty(group.Single(r => r.Strategy == "rules").Differences);
        }
    }

    [Fact]
    public void Differences_are_the_smallest_sets_that_both_compute()
    {
        PredictedRegion Region(string kernel, double us, params string[] nodes) => new([.. nodes], kernel, us);
        var differences = RegionDifference.Between([Region("a", 3, "1", "2"), Region("b", 1, "3"), Region("c", 4, "4")],
            [Region("d", 1, "1"), Region("e", 1, "2"), Region("b", 1, "3"), Region("f", 4, "4")]);
        Assert.Equal(["1 2", "4"], differences.Select(d => string.Join(' ', d.Nodes)));
        Assert.Equal("1 kernel instead of 2, 1.0 us more (3.0 for 2.0)", differences[0].Reason);
        Assert.Equal("1 kernel otherwise, as long", differences[1].Reason);
    }

    [Fact]
    public void The_table_labels_what_nobody_measured_and_what_this_machine_does_not_run()
    {
        string model = CliModels.Write(folder), csv = folder.At("table.csv");
        var run = CliRun.Good("compare", model, "--targets", "cpu-scalar,cpu-neon,wasm-simd128,tensorrt-like", "--strategies", "rules,cost",
            "--measure", "--seconds", "0.01", "--csv", csv);
        foreach (string name in new[] { "cpu-neon-a72 *", "wasm-simd128 *", "tensorrt-like *", "* never measured" }) Assert.Contains(name,
            run.Out);
        Assert.Contains("cpu-neon-a72: this machine does not run it", run.Out);
        Assert.Equal(1 + (3 * 2) + 1, File.ReadAllLines(csv).Length);
    }

    [Fact]
    public void What_is_not_there_is_named_all_at_once() => CliRun.Bad(1, ["cpu-avx3", "there is no fusion strategy \"greed\""],
        "compare", CliModels.Write(folder), "--targets", "cpu-avx3", "--strategies", "greed");

    [Fact]
    public void Open_sizes_are_named_before_anything_is_compared() =>
        CliRun.Bad(4, ["NNC5004", "--dim batch=N"], "compare", CliModels.WriteOpen(folder), "--targets", "cpu-sse");

    [Fact]
    public void Measurements_of_other_programs_and_files_that_are_none_are_refused()
    {
        string model = CliModels.Write(folder), other = folder.At("measured.json");
        File.WriteAllText(other, """{"machine": "m", "runs": [{"plan": "0123", "runs": 3, "medianMs": 1, "p90Ms": 1, "minMs": 1}]}""");
        CliRun.Bad(1, ["NNC5010", "none of the 1 measured programs"], "compare", model, "--targets", "cpu-sse", "--measured", other);
        File.WriteAllText(other, "{\"machine\": 3");
        CliRun.Bad(1, ["NNC5010", "this is no measurement"], "compare", model, "--targets", "cpu-sse", "--measured", other);
    }

    [Fact]
    public void A_measurement_of_a_program_stands_beside_its_prediction()
    {
        string model = CliModels.Write(folder), file = folder.At("measured.json");
        var row = CliRun.Good("compare", model, "--targets", "cpu-sse", "--strategies", "rules", "--json").Json.GetProperty("rows")[0];
        File.WriteAllText(file, JsonSerializer.Serialize(new
        {
            machine = "elsewhere",
            runs = new[] { new { plan = row.GetProperty("plan").GetString(), runs = 5, medianMs = 2.0, p90Ms = 2.1, minMs = 1.9 } },
        }));
        var merged = CliRun.Good("compare", model, "--targets", "cpu-sse", "--strategies", "rules", "--measured", file, "--json").Json
            .GetProperty("rows")[0];
        Assert.Equal(2.0, merged.GetProperty("measuredMs").GetDouble());
        Assert.Equal((row.GetProperty("predictedMs").GetDouble() / 2) - 1, merged.GetProperty("error").GetDouble(), 9);
    }

    [Fact, Trait("speed", "slow")]
    public void A_bundle_builds_runs_and_its_measurement_merges()
    {
        string model = CliModels.Write(folder), there = folder.At("there");
        CliRun.Good("bench", model, "--target", "cpu-scalar,cpu-sse,cpu-neon", "--bundle", there, "-q");
        ChildProcess.Run("dotnet", ["run", "-c", "Release"], there, new Dictionary<string, string>());
        var run = CliRun.Good("compare", model, "--targets", "cpu-scalar,cpu-sse,cpu-neon", "--measured", Path.Combine(there,
            BenchmarkBundle.Result), "--json");
        Assert.All(run.Json.GetProperty("rows").EnumerateArray(), row =>
            Assert.Equal(row.GetProperty("target").GetString() != "cpu-neon-a72",
            row.GetProperty("measuredMs").ValueKind == JsonValueKind.Number));
    }

    [Fact]
    public void A_kernel_is_explained_in_words_and_numbers_with_its_alternatives()
    {
        string model = CliModels.Write(folder);
        var run = CliRun.Good("explain", model, "--cost", "product", "--target", "cpu-scalar");
        foreach (string text in new[] { "arithmetic:", "weights:", "bound by", "instead matmul(", "of the model on cpu-scalar" })
            Assert.Contains(text, run.Out);
        Assert.True(CliRun.Good("explain", model, "--cost", "all", "--target", "cpu-avx2", "--json").Json.GetProperty("kernels")[0]
            .GetProperty("us").GetDouble() > 0);
        CliRun.Bad(1, ["NNC7102", "no kernel computes a node \"produkt\"", "product"], "explain", model, "--cost", "produkt", "--target",
            "cpu-avx2");
        CliRun.Bad(1, ["one of --rule and --cost"], "explain", model);
    }
}
