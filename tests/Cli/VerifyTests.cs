using Nncc.IR;
using Nncc.IR.Onnx;
using Nncc.IR.Ops;
using Nncc.Tests.Support;

namespace Nncc.Tests.Cli;

/// <summary><c>nncc verify</c>: agreement, data, and what comes of wrong ones.</summary>
public class VerifyTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [FactNeeding(Needs.OnnxRuntime)]
    public void All_engines_agree_about_made_up_inputs()
    {
        var json = CliRun.Good("verify", CliModels.Write(folder), "--target", "cpu-scalar", "--layers", "--json").Json;
        Assert.True(json.GetProperty("agrees").GetBoolean());
        var engines = json.GetProperty("sets")[0].GetProperty("engines").EnumerateArray().ToList();
        Assert.Equal(["onnxruntime", "evaluator", "onnx evaluator", "onnx onnxruntime", "csharp cpu-scalar"],
            engines.Select(e => e.GetProperty("engine").GetString()));
        Assert.All(engines, e => Assert.Equal("agrees", e.GetProperty("status").GetString()));
        Assert.All(engines, e => Assert.True(e.GetProperty("layers").GetProperty("compared").GetInt32() >= 1));
    }

    [Fact]
    public void Without_ONNX_Runtime_the_others_are_compared()
    {
        var run = CliRun.Of("verify", CliModels.Write(folder), "--target", "cpu-scalar", "--onnxruntime", folder.At("none"));
        Assert.Equal(0, run.Exit);
        Assert.Matches("onnxruntime +absent", run.Out);
        Assert.Matches("csharp cpu-scalar +y .* agrees", run.Out);
    }

    [Fact]
    public void Expected_data_are_compared_and_wrong_ones_are_found()
    {
        string model = CliModels.Write(folder);
        CliModels.WriteInput(folder, "data/test_data_set_0/input_0.npy");
        TensorFile.Write(folder.At("data", "test_data_set_0", "output_0.npy"), Tensor.Of([1, 3], [5.5f, 7f, 11f]));
        string[] command = ["verify", model, "--target", "none", "--data", folder.At("data"), "--onnxruntime", folder.At("none")];
        Assert.Matches("golden +y +0 +2.0e-5 +0 +agrees", CliRun.Good(command).Out);

        TensorFile.Write(folder.At("data", "test_data_set_0", "output_0.npy"), Tensor.Of([1, 3], [5.5f, 7f, 11.1f]));
        CliRun.Bad(3, ["NNC7002", "golden differs in output \"y\"", "9.1e-3"], command);
        TensorFile.Write(folder.At("data", "test_data_set_0", "output_0.npy"), Tensor.Of([3, 1], [5.5f, 7f, 11f]));
        CliRun.Bad(3, ["it is f32[3x1], should be f32[1x3]"], command);
        TensorFile.Write(folder.At("data", "test_data_set_0", "output_0.npy"), Tensor.Of([1, 3], [5.5f, float.NaN, 11f]));
        CliRun.Bad(3, ["golden", "inf"], command);
        CliModels.WriteInput(folder, "data/test_data_set_0/input_1.npy");
        CliRun.Bad(2, ["NNC2201", "1 inputs", "number 1"], command);
    }

    [Fact]
    public void Sizes_are_bound_by_each_set_of_data()
    {
        CliModels.WriteInput(folder, "data/test_data_set_0/input_0.npy", 1, 4);
        CliModels.WriteInput(folder, "data/test_data_set_1/input_0.npy", 3, 4);
        var run = CliRun.Good("verify", CliModels.WriteOpen(folder), "--target", "cpu-scalar", "--data", folder.At("data"), "--onnxruntime",
            folder.At("none"));
        Assert.Equal(2, run.Out.Split('\n').Count(line => line.StartsWith("csharp cpu-scalar", StringComparison.Ordinal)
            && line.EndsWith("agrees", StringComparison.Ordinal)));
    }

    [Fact]
    public void Data_that_are_not_there_are_a_fault()
    {
        CliRun.Bad(2, ["NNC2001"], "verify", CliModels.Write(folder), "--data", folder.At("none"));
        Directory.CreateDirectory(folder.At("empty"));
        CliRun.Bad(2, ["NNC2201", "input_0.pb"], "verify", CliModels.Write(folder), "--data", folder.At("empty"));
        CliRun.Bad(1, ["NNC5001"], "verify", CliModels.Write(folder), "--target", "cpu-avx3");
    }

    [Fact]
    public void What_C_sharp_does_not_take_is_listed_and_exits_as_unsupported()
    {
        var build = new GraphBuilder("text");
        int x = build.Input("x", DType.String, 2);
        build.Output("y", build.Add("same", new Identity(), x));
        string model = CliModels.Write(folder, build.Build(), "text.onnx");
        var run = CliRun.Bad(4, ["NNC5008"], "verify", model, "--target", "cpu-scalar", "--onnxruntime", folder.At("none"));
        Assert.Matches("csharp cpu-scalar +refused", run.Out);
        Assert.Matches("evaluator +y +0 +0 +0 +agrees", run.Out);
    }
}
