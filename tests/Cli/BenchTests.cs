using System.Text.Json;
using Nncc.Tests.Support;

namespace Nncc.Tests.Cli;

/// <summary>The verb bench; what it measures is no test's business, but what it says is.</summary>
public class BenchTests : IDisposable
{
    private static readonly string[] Short = ["--runs", "3", "--seconds", "0", "--max-seconds", "5"];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [FactNeeding(Needs.OnnxRuntime)]
    public void Both_engines_are_timed_give_the_same_answers_and_allocate_nothing()
    {
        string model = folder.At("lenet.onnx");
        CliRun.Good("zoo", "lenet", "-o", model);
        var run = CliRun.Good(["bench", model, "--vs", "onnxruntime", "--layers", "--target", "cpu-scalar", "--json", .. Short]);
        var engines = run.Json.GetProperty("engines");
        Assert.Equal(["nncc", "onnxruntime"], engines.EnumerateArray().Select(e => e.GetProperty("engine").GetString()));
        foreach (var engine in engines.EnumerateArray())
        {
            Assert.True(engine.GetProperty("runs").GetInt32() >= 3);
            Assert.InRange(engine.GetProperty("minMs").GetDouble(), 0, engine.GetProperty("medianMs").GetDouble());
            Assert.InRange(engine.GetProperty("error").GetDouble(), 0, 1e-5);
            Assert.InRange(engine.GetProperty("rmsError").GetDouble(), 0, 1e-5);
            Assert.Equal(0, engine.GetProperty("allocatedBytes").GetDouble());
        }
        Assert.Equal(engines[1].GetProperty("medianMs").GetDouble() / engines[0].GetProperty("medianMs").GetDouble(),
            run.Json.GetProperty("ratio").GetDouble(), 9);
        var nodes = run.Json.GetProperty("layers").GetProperty("rows").EnumerateArray()
            .SelectMany(row => row.GetProperty("nodes").EnumerateArray().Select(n => n.GetString())).ToHashSet();
        Assert.Superset(new HashSet<string?> { "conv1", "relu1", "pool1", "fc3" }, nodes);
    }

    [Fact]
    public void The_table_names_the_engine_and_the_layers()
    {
        var run = CliRun.Good(["bench", CliModels.Write(folder), "--vs", "none", "--layers", "--items", "--threads", "2", "--target",
            "cpu-scalar", .. Short]);
        Assert.Contains("nncc ", run.Out);
        Assert.DoesNotContain("ratio", run.Out);
        Assert.Contains(" bound us ", run.Out);
        Assert.Contains("items/s", run.Out);
    }

    [Fact]
    public void Options_that_are_not_taken_are_told_all_at_once()
    {
        var run = CliRun.Bad(1, ["NNC7001 error: 0 is not taken (--threads)", "0 is not taken (--runs)", "-1 is not taken (--seconds)"],
            "bench", CliModels.Write(folder), "--threads", "0", "--runs", "0", "--seconds", "-1");
        Assert.Contains("1 to 64", run.Error);
    }

    [Fact]
    public void A_demanded_library_must_be_there() => CliRun.Bad(3, ["NNC6001"], "bench", CliModels.Write(folder), "--vs", "onnxruntime",
        "--target", "cpu-scalar", "--onnxruntime", folder.At("none"));

    [Fact]
    public void Inputs_that_are_given_bind_the_sizes()
    {
        string model = CliModels.WriteOpen(folder);
        CliModels.WriteInput(folder, "data/test_data_set_0/input_0.npy");
        var run = CliRun.Good(["bench", model, "--vs", "none", "--target", "cpu-scalar", "--data", folder.At("data"), .. Short]);
        Assert.Contains("nncc ", run.Out);
    }

    [Fact]
    public void Sizes_must_be_bound() => CliRun.Bad(4, ["NNC5004", "--dim"], "bench", CliModels.WriteOpen(folder), "--vs", "none");
}
