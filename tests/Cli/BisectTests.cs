using Nncc.Backends;
using Nncc.Backends.Models;
using Nncc.Backends.Verification;
using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Tests.Support;

namespace Nncc.Tests.Cli;

/// <summary>The verb bisect, with wrong rules of a user's.</summary>
public class BisectTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public BisectTests() => File.WriteAllText(folder.At("wrong.rules"), """
        set canonical

        # Wrong: the sign is lost.
        rule lose-the-sign
          match   Neg(Abs(x))
          rewrite Abs(x)
        """);

    public void Dispose() => folder.Dispose();

    // A chain of nodes that each give way, with one pair among them for which the wrong rule stands.
    private static Model Chain(int length, int place)
    {
        var build = new GraphBuilder("chain");
        int value = build.Input("x", DType.Float32, 4);
        for (int i = 0; i < length; i++)
        {
            if (i == place)
            {
                value = build.Add("wrong_abs", new Abs(), value);
                value = build.Add("wrong_neg", new Neg(), value);
            }
            value = build.Add($"identity{i}", new Identity(), value);
        }
        build.Output("y", build.Add("end", new Sigmoid(), value));
        return new Model(build.Build(), ModelHeader.Empty);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(77)]
    [InlineData(198)]
    public void The_wrong_step_among_200_is_found_in_9_runs(int place)
    {
        var compiler = new Compiler(new CompilerOptions { RuleFolders = [folder.Path] });
        var found = new StepBisection(compiler, Chain(199, place)).Find();
        Assert.InRange(found.Steps, 200, 256);
        Assert.InRange(found.Runs, 2, 9);
        Assert.Equal("canonical/lose-the-sign", found.First!.Name);
        Assert.Contains(found.First.Removed, line => line.Contains("wrong_neg", StringComparison.Ordinal));
        Assert.Contains(found.After, o => !o.Agrees);
        Assert.All(found.Before, o => Assert.True(o.Agrees));
    }

    [Fact]
    public void Where_nothing_is_wrong_one_run_says_so()
    {
        var found = new StepBisection(new Compiler(), Chain(20, 5)).Find();
        Assert.Null(found.First);
        Assert.Equal(1, found.Runs);
    }

    [Fact]
    public void The_verb_names_the_step_and_writes_a_small_model()
    {
        string model = folder.At("chain.onnx"), small = folder.At("small.onnx");
        new Compiler().WriteOnnx(Chain(30, 11), model, isAsItIs: true);
        Assert.Equal(0, CliRun.Of("bisect", model).Exit);
        var run = CliRun.Of("bisect", model, "--rules", folder.Path, "-o", small);
        Assert.Equal(3, run.Exit);
        Assert.Contains("lose-the-sign in simplify", run.Out);
        Assert.Contains("- %", run.Out);
        Assert.Contains("output \"y\": error", run.Out);
        Assert.Equal(2, ModelReduction.CountNodes(new Compiler().Read(small).Graph));
    }
}
