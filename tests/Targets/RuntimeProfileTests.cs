using Nncc.Backends;
using Nncc.IR;
using Nncc.IR.Onnx;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Targets;
using Nncc.Tests.Cli;
using Nncc.Tests.Support;

namespace Nncc.Tests.Targets;

/// <summary>Runtimes that ONNX is written for: what their files name exists, and what they want to find is left.</summary>
public class RuntimeProfileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string> Names => [.. RuntimeProfiles.Standard().All.Select(r => r.Name)];

    [Theory, MemberData(nameof(Names))]
    public void All_rules_passes_and_ops_that_a_runtime_names_exist(string name)
    {
        var runtime = RuntimeProfiles.Standard().Find(name)!;
        Assert.NotNull(typeof(RuntimeProfile).Assembly.GetManifestResourceInfo($"{name}.runtime.json"));
        var compiler = new Compiler(new CompilerOptions { Passes = runtime.Apply(new CompileOptions()) });
        Assert.NotEmpty(compiler.Optimization.Passes); // a name to leave out that is none is a fault
        var ops = OpRegistry.Standard();
        foreach (string op in runtime.MissingOps.Concat(runtime.Unfolded.SelectMany(w => w.Names)))
            Assert.True(ops.Find("", op) is not null, op);
        Assert.All(runtime.LeftOut.Concat(runtime.Unfolded), wish => Assert.NotEmpty(wish.Because));
        Assert.Null(TargetProfiles.Standard().Find(name));
        Assert.False(runtime.IsMeasured);
    }

    [Fact]
    public void What_the_user_decided_stays()
    {
        var runtime = RuntimeProfiles.Standard().Find("tensorrt-like")!;
        var options = runtime.Apply(new CompileOptions { NewestOpset = 11, Disabled = ["drop-identity"] });
        Assert.Equal(11, options.NewestOpset);
        Assert.Contains("drop-identity", options.Disabled);
        Assert.Contains("dequantize-of-max-pool", options.Disabled);
        Assert.Equal(20, runtime.Apply(new CompileOptions { NewestOpset = 23 }).NewestOpset);
    }

    // Constant 8-bit weights behind DequantizeLinear, and pooling of a dequantized image.
    private string Quantized()
    {
        var build = new GraphBuilder("quantized");
        int x = build.Input("x", DType.Int8, 1, 2, 8, 8);
        int scale = build.Constant("scale", Tensor.Of([], [0.5f])), zero = build.Constant("zero", Tensor.FromLongs(DType.Int8, [], [0]));
        int weights = build.Constant("w", Tensor.FromLongs(DType.Int8, [3, 2, 1, 1], [1, -2, 3, -4, 5, -6]));
        int image = build.Add("image", new DequantizeLinear(), x, scale, zero);
        int pooled = build.Add("pooled", new MaxPool([2, 2]) { Strides = [2, 2] }, image);
        build.Output("y", build.Add("y", new Conv(), pooled, build.Add("weights", new DequantizeLinear(), weights, scale, zero)));
        return CliModels.Write(folder, build.Build(), "quantized.onnx");
    }

    [Fact]
    public void Quantized_weights_and_pooling_stay_as_TensorRT_wants_them()
    {
        string model = Quantized(), plain = folder.At("plain.onnx"), left = folder.At("left.onnx");
        CliRun.Good("compile", model, "--emit", "onnx", "-o", plain, "-q");
        var run = CliRun.Of("compile", model, "--target", "tensorrt-like", "-o", left);
        Assert.True(run.Exit == 0, run.Error);
        Assert.Contains("note: tensorrt-like: left out dequantize-of-max-pool", run.Error);
        Assert.Contains("note: tensorrt-like: DequantizeLinear is not computed ahead", run.Error);
        Assert.Equal(["MaxPool", "DequantizeLinear", "Conv"], Ops(plain));
        Assert.Equal(["DequantizeLinear", "MaxPool", "DequantizeLinear", "Conv"], Ops(left));
        Assert.Equal("tensorrt-like", CliRun.Of("compile", model, "--target", "tensorrt-like", "-o", left, "-q", "--json").Json
            .GetProperty("runtime").GetString());
    }

    [Fact]
    public void Ops_that_the_runtime_does_not_have_are_told()
    {
        var build = new GraphBuilder("det");
        int x = build.Input("x", DType.Float32, 4);
        int square = build.Add("square", new Reshape(), x, build.Constant("two", Tensor.Vector(2L, 2L)));
        build.Output("y", build.Add("only", new Det(), square));
        string model = CliModels.Write(folder, build.Build(), "det.onnx");
        Assert.Contains("the runtime does not have Det",
            CliRun.Of("compile", model, "--target", "tensorrt-like", "-o", folder.At("d.onnx")).Error);
        Assert.DoesNotContain("does not have",
            CliRun.Of("compile", model, "--target", "onnxruntime-cpu", "-o", folder.At("d.onnx")).Error);
    }

    [Fact]
    public void A_runtime_is_no_machine()
    {
        string model = CliModels.Write(folder);
        foreach (string[] command in new[] { new[] { "roofline", model }, ["compile", model, "--emit", "csharp", "-o", folder.At("out")] })
            CliRun.Bad(1, ["NNC5001", "\"tensorrt-like\" is a runtime that ONNX is written for"],
                [.. command, "--target", "tensorrt-like"]);
        Assert.Contains("tensorrt-like", CliRun.Good("targets", "list").Out);
        Assert.Contains("never measured", CliRun.Good("targets", "show", "tensorrt-like").Out);
    }

    [Fact]
    public void All_that_is_wrong_with_a_file_is_said_at_once()
    {
        var fault = Assert.Throws<NnccException>(() => RuntimeProfiles.Read("""
            { "name": "host", "newestOpset": 1, "leftOut": [{ "names": "x", "why": "" }], "missingOps": [7], "peakGFlops": 0, "memoryGBs": 1,
              "opNs": 1, "source": "Made up.", "isMeasured": false }
            """, "r.runtime.json"));
        string all = string.Join('\n', fault.Faults.Select(f => $"{f.Message}: {f.Advice}"));
        foreach (string text in new[]
                 {
                     "\"host\" is no name", "\"newestOpset\" is 1", "\"names\" is \"x\", in leftOut[0]", "\"because\" is missing, in leftOut[0]",
                     "\"why\" is no member, in leftOut[0]", "\"unfolded\" is missing", "missingOps[0] is 7", "\"peakGFlops\" is 0",
                 })
            Assert.Contains(text, all);
    }

    private static IEnumerable<string> Ops(string path) =>
        OnnxReader.Read(path, OpRegistry.Standard()).Graph.Nodes.Select(n => n.Op.Name).Where(n => n != "Constant");
}
