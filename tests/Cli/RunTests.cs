using Nncc.IR;
using Nncc.IR.Onnx;
using Nncc.Tests.Support;

namespace Nncc.Tests.Cli;

/// <summary><c>nncc run</c>: engines, inputs, outputs, and inputs that do not fit.</summary>
public class RunTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // relu([1 2 3 4] · w + b) with w[i,j] = 0.25 (3i + j) - 1
    private static readonly double[] Expected = [5.5, 7, 11];

    [Theory]
    [InlineData("csharp", "csharp cpu-scalar")]
    [InlineData("evaluator", "evaluator")]
    [InlineData("wide", "wide")]
    public void Each_engine_gives_the_answer(string engine, string name)
    {
        var json = CliRun.Good("run", CliModels.Write(folder), "--input", $"x={CliModels.WriteInput(folder)}", "--engine", engine,
            "--target", "cpu-scalar", "--json").Json;
        Assert.Equal(name, json.GetProperty("engine").GetString());
        var output = json.GetProperty("outputs")[0];
        Assert.Equal("y", output.GetProperty("name").GetString());
        Assert.Equal("f32[1x3]", output.GetProperty("type").GetString());
        Assert.Equal(Expected, output.GetProperty("top").EnumerateArray().Select(e => e.GetProperty("value").GetDouble()));
        Assert.Equal([0, 2], output.GetProperty("top")[2].GetProperty("index").EnumerateArray().Select(i => i.GetInt32()));
    }

    [FactNeeding(Needs.OnnxRuntime)]
    public void ONNX_Runtime_gives_the_answer_too()
    {
        var json = CliRun.Good("run", CliModels.Write(folder), "--input", $"x={CliModels.WriteInput(folder)}", "--engine", "onnxruntime",
            "--json").Json;
        Assert.Equal(Expected, json.GetProperty("outputs")[0].GetProperty("top").EnumerateArray()
            .Select(e => e.GetProperty("value").GetDouble()));
    }

    [Fact]
    public void Text_shows_type_and_values()
    {
        string text = CliRun.Good("run", CliModels.Write(folder), "--input", $"x={CliModels.WriteInput(folder)}", "--target", "cpu-scalar")
            .Out;
        Assert.Contains("csharp cpu-scalar", text);
        Assert.Contains("y: f32[1x3]\n  [0,0] 5.5\n  [0,1] 7\n  [0,2] 11\n", text);
        Assert.DoesNotContain("csharp",
            CliRun.Good("run", CliModels.Write(folder), "--input", "random", "-q", "--engine", "evaluator").Out);
    }

    [Fact]
    public void Inner_values_are_named_by_node_or_value()
    {
        var json = CliRun.Good("run", CliModels.Write(folder), "--input", $"x={CliModels.WriteInput(folder)}", "--output", "sum,w",
            "--target", "cpu-scalar", "--json").Json;
        Assert.Equal(["sum", "w"], json.GetProperty("outputs").EnumerateArray().Select(o => o.GetProperty("name").GetString()));
        Assert.Equal(5.5, json.GetProperty("outputs")[0].GetProperty("top")[0].GetProperty("value").GetDouble());
        CliRun.Bad(1, ["NNC7102", "\"summ\"", "did you mean \"sum\"?"], "run", CliModels.Write(folder), "--input", "random", "--output",
            "summ");
    }

    [Fact]
    public void Outputs_are_saved_and_read_back()
    {
        CliRun.Good("run", CliModels.Write(folder), "--input", $"x={CliModels.WriteInput(folder)}", "--engine", "evaluator", "-o",
            folder.At("results"));
        var saved = (Tensor)TensorFile.Read(folder.At("results", "y.npy"));
        Assert.Equal(Expected, saved.ToDoubles());
    }

    [Fact]
    public void Open_sizes_are_taken_from_the_data()
    {
        var json = CliRun.Good("run", CliModels.WriteOpen(folder), "--input", $"x={CliModels.WriteInput(folder, "x.npy", 2, 4)}",
            "--target", "cpu-scalar",
            "--json").Json;
        Assert.Equal("f32[2x3]", json.GetProperty("outputs")[0].GetProperty("type").GetString());
        CliRun.Bad(2, ["NNC4002", "--dim batch=N"], "run", CliModels.WriteOpen(folder), "--input", "random");
        CliRun.Good("run", CliModels.WriteOpen(folder), "--input", "random", "--dim", "batch=3", "--target", "cpu-scalar");
    }

    [Fact]
    public void Made_up_inputs_follow_from_the_seed()
    {
        string[] command = ["run", CliModels.Write(folder), "--input", "x=random", "--engine", "evaluator", "-q"];
        Assert.Equal(CliRun.Good(command).Out, CliRun.Good(command).Out);
        Assert.NotEqual(CliRun.Good(command).Out, CliRun.Good([.. command, "--seed", "2"]).Out);
    }

    [Fact]
    public void What_does_not_fit_the_inputs_is_told_at_once()
    {
        string model = CliModels.Write(folder);
        CliRun.Bad(2, ["\"x\" (f32[1x4]) is not given", "--input x=file.npy"], "run", model);
        var run = CliRun.Bad(2, ["no input \"y\"", "\"x\" (f32[1x4]) is not given"], "run", model, "--input",
            $"y={CliModels.WriteInput(folder)}");
        Assert.Equal(2, run.Error.Split('\n').Count(line => line.StartsWith("NNC", StringComparison.Ordinal)));
        CliRun.Bad(2, ["f32[1x4], got f32[2x4]"], "run", model, "--input", $"x={CliModels.WriteInput(folder, "two.npy", 2, 4)}");
        CliRun.Bad(2, ["f32[1x4], got f32[4]", "lacks an axis"], "run", model, "--input",
            $"x={CliModels.WriteInput(folder, "flat.npy", 4)}");
        TensorFile.Write(folder.At("long.npy"), Tensor.Of<long>([1, 4], [1, 2, 3, 4]));
        CliRun.Bad(2, ["f32[1x4], got i64[1x4]"], "run", model, "--input", $"x={folder.At("long.npy")}");
        CliRun.Bad(2, ["NNC2001"], "run", model, "--input", $"x={folder.At("absent.npy")}");
        File.WriteAllText(folder.At("text.npy"), "1 2 3 4");
        CliRun.Bad(2, ["NNC2201"], "run", model, "--input", $"x={folder.At("text.npy")}");
        CliRun.Bad(1, ["NNC7001", "NAME=FILE"], "run", model, "--input", "file.npy");
        CliRun.Bad(1, ["NNC7001", "fortran"], "run", model, "--input", "random", "--engine", "fortran");
    }

    [Fact]
    public void A_library_that_is_not_there_is_a_demand_that_is_not_met() =>
        CliRun.Bad(3, ["NNC6001"], "run", CliModels.Write(folder), "--input", "random", "--engine", "onnxruntime", "--onnxruntime",
            folder.At("none"));
}
