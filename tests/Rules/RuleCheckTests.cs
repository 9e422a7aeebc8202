using Nncc.Backends;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Rules;
using Nncc.Tests.Cli;
using Nncc.Tests.Support;

namespace Nncc.Tests.Rules;

/// <summary>
/// The option --check: wrong rules are refused while a model is compiled, and named; what was compiled means what the model means.
/// </summary>
public class RuleCheckTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public RuleCheckTests() => File.WriteAllText(folder.At("wrong.rules"), """
        set canonical

        # Wrong: the sign is lost.
        rule lose-the-sign
          match   Neg(Abs(x))
          rewrite Abs(x)

        # Wrong for large operands alone.
        rule lose-the-large-sign
          match   Neg(Sqrt(x))
          where   count(x) > 1000
          rewrite Sqrt(x)
        """);

    public void Dispose() => folder.Dispose();

    // Pairs of negation and absolute value, each of another size or all of one.
    private static Model Pairs(int count, bool alike, Op? inner = null, int size = 2)
    {
        var build = new GraphBuilder("pairs");
        for (int i = 0; i < count; i++)
        {
            int x = build.Input($"x{i}", DType.Float32, alike ? size : size + i);
            build.Output($"y{i}", build.Add($"neg{i}", new Neg(), build.Add($"abs{i}", inner ?? new Abs(), x)));
        }
        return new Model(build.Build(), ModelHeader.Empty);
    }

    private (Graph Graph, StepLog Log) Compiled(Model model, RuleCheck check)
    {
        var log = new StepLog();
        var compiler = new Compiler(new CompilerOptions { RuleFolders = [folder.Path], Steps = log, Passes = new() { Check = check } });
        return (compiler.Canonicalize(model).Graph, log);
    }

    [Theory]
    [InlineData(RuleCheck.Rules)]
    [InlineData(RuleCheck.Each)]
    [InlineData(RuleCheck.Final)]
    public void A_wrong_application_is_refused(RuleCheck check)
    {
        var (graph, log) = Compiled(Pairs(2, alike: true), check);
        Assert.Equal(2, graph.Nodes.Count(n => n.Op is Neg));
        var refuted = log.Refuted[0];
        Assert.Equal("canonical/lose-the-sign", refuted.Name);
        Assert.Contains("wrong.rules:4:1", refuted.Source);
        Assert.Contains("neg0", refuted.Place);
        Assert.NotEmpty(refuted.Reason);
    }

    [Fact]
    public void Without_a_check_it_is_applied()
    {
        var (graph, log) = Compiled(Pairs(2, alike: true), RuleCheck.None);
        Assert.DoesNotContain(graph.Nodes, n => n.Op is Neg);
        Assert.Empty(log.Refuted);
    }

    [Fact]
    public void Applications_of_one_shape_are_evaluated_once()
    {
        Assert.Equal(1, Compiled(Pairs(40, alike: true), RuleCheck.Rules).Log.Evaluated);
        Assert.Equal(5, Compiled(Pairs(5, alike: false), RuleCheck.Rules).Log.Evaluated);
        Assert.InRange(Compiled(Pairs(5, alike: true), RuleCheck.Each).Log.Evaluated, 5, int.MaxValue);
    }

    [Fact]
    public void Large_extents_are_shrunk_and_stay_large_where_the_rule_asks_for_it()
    {
        var (graph, log) = Compiled(Pairs(1, alike: true, new Sqrt(), 2_000_000), RuleCheck.Rules);
        Assert.Single(graph.Nodes, n => n.Op is Neg);
        Assert.Equal("canonical/lose-the-large-sign", Assert.Single(log.Refuted).Name);
    }

    [Fact]
    public void A_large_convolution_is_checked_on_small_extents()
    {
        var build = new GraphBuilder("conv");
        int x = build.Input("x", DType.Float32, 1, 512, 224, 224);
        int conv = build.Add("conv", new Conv(Pads: new long[] { 1, 1, 1, 1 }.ToEquatable()), x,
            build.Constant("w", Tensor.FromDoubles(DType.Float32, [512, 512, 3, 3], Enumerable.Range(0, 512 * 512 * 9).Select(i =>
                (i % 7 - 3.0) / 7).ToArray())));
        build.Output("y", build.Add("norm", new BatchNormalization(), conv, Vector("scale", 1.5), Vector("shift", 0.5),
            Vector("mean", 0.25), Vector("variance", 2)));
        var (graph, log) = Compiled(new Model(build.Build(), ModelHeader.Empty), RuleCheck.Rules);
        Assert.DoesNotContain(graph.Nodes, n => n.Op is BatchNormalization);
        Assert.Equal((1L, 0L, 0), (log.Evaluated, log.Unchecked, log.Refuted.Count));

        int Vector(string name, double value) => build.Constant(name, Tensor.FromDoubles(DType.Float32, [512],
            Enumerable.Range(0, 512).Select(i => value + i % 3).ToArray()));
    }

    [Fact]
    public void The_command_says_so_and_writes_what_is_right()
    {
        string model = folder.At("pairs.onnx"), output = folder.At("out.onnx");
        new Compiler().WriteOnnx(Pairs(2, alike: true), model, isAsItIs: true);
        var run = CliRun.Bad(3, ["NNC3210", "canonical/lose-the-sign", "wrong.rules:4:1", "neg0"], "compile", model, "--rules", folder.Path,
            "--emit", "onnx", "-o", output);
        Assert.DoesNotContain("mistake of nncc", run.Error);
        Assert.Equal(2, new Compiler().Read(output).Graph.Nodes.Count(n => n.Op is Neg));
        CliRun.Good("compile", model, "--rules", folder.Path, "--emit", "onnx", "-o", output, "--check", "none", "-q");
        Assert.DoesNotContain(new Compiler().Read(output).Graph.Nodes, n => n.Op is Neg);
        Assert.Contains("a check refused it", CliRun.Of("explain", model, "--rules", folder.Path, "--rule", "lose-the-sign").Out);
        CliRun.Bad(1, ["NNC7001"], "compile", model, "--check", "sometimes");
    }
}
