using Nncc.IR;
using Nncc.IR.Onnx;
using Nncc.IR.Ops;
using Nncc.Tests.Support;

namespace Nncc.Tests.Cli;

/// <summary><c>--separable-error</c> and <c>--calibrate</c>: what is taken, told, explained and refused.</summary>
public class SeparableErrorTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string model, input;

    public SeparableErrorTests()
    {
        var random = new Random(1);
        float[] p = Values(random, 32 * 8), d = Values(random, 8 * 9), off = Values(random, 32 * 72);
        var build = new GraphBuilder("net");
        int x = build.Input("x", DType.Float32, 1, 8, 64, 64);
        int w = build.Constant("w", Tensor.Of([32, 8, 3, 3], [.. off.Select((o, i) => p[i / 9] * d[i % 72] + 0.02f * o)]));
        build.Output("y", build.Add("conv", new Conv(), x, w));
        model = CliModels.Write(folder, build.Build(), "net.onnx");
        input = folder.At("x.npy");
        TensorFile.Write(input, Tensor.Of([1, 8, 64, 64], Values(random, 8 * 64 * 64)), "x");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_error_is_allowed_measured_and_told()
    {
        string[] compile = ["compile", model, "--emit", "onnx", "-o", folder.At("out.onnx")];
        Assert.DoesNotContain("separable", CliRun.Of([.. compile, "-O3"]).Error);
        var run = CliRun.Of([.. compile, "--separable-error", "0.1", "--calibrate", $"x={input}", "--stats"]);
        Assert.True(run.Exit == 0, run.Error);
        Assert.Contains("channel-factors: 8,856,576 multiply-accumulates became ", run.Error);
        Assert.Contains(", of the result 0.0", run.Error);
        Assert.Contains("the outputs of the model have a relative error of 0.0", run.Error);
        Assert.Contains("convolutions: 8,856,576 multiply-accumulates became ", run.Error);
        Assert.Matches(@"(?m)^ *1 .* channel-factors$", run.Out.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void The_pass_is_explained()
    {
        var run = CliRun.Good("explain", model, "-O3", "--rule", "separable-convolution");
        Assert.Contains("refused at node \"conv\" (Conv):\n  channel-factors: the error is 0.0", run.Out);
        Assert.Contains("and 1E-06 is allowed", run.Out);
        Assert.Contains("channel-factors", CliRun.Of("explain", model, "--separable-error", "0.1", "--rule", "separable-convolution").Out);
    }

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        string[] compile = ["compile", model, "--emit", "onnx", "-o", folder.At("out.onnx")];
        CliRun.Bad(1, ["1.5 is no relative error", "--separable-error"], [.. compile, "--separable-error", "1.5"]);
        CliRun.Bad(1, ["no error to measure", "--calibrate"], [.. compile, "--calibrate", "random"]);
        CliRun.Bad(1, ["\"nowhere\" is not understood"], [.. compile, "--separable-error", "0.1", "--calibrate", "nowhere"]);
        CliRun.Bad(2, ["the model has no input \"z\""], [.. compile, "--separable-error", "0.1", "--calibrate", $"z={input}"]);
    }

    private static float[] Values(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
}
