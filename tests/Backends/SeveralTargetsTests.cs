using Nncc.Backends;
using Nncc.Backends.CSharp;
using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Passes.Programs;

namespace Nncc.Tests.Backends;

/// <summary>One class with the kernels of several targets.</summary>
public class SeveralTargetsTests
{
    private const string Members = """
            public static string Chosen(string file, float[] image, float[] logits)
            {
                using var weights = Weights.Open(file);
                using var model = new Net(weights);
                model.Run(image, logits);
                return model.Target;
            }

            public static string Needs() => string.Join(" ", Net.Info.InstructionSets);
        """;

    private static Graph Graph()
    {
        var b = new GraphBuilder("net");
        int x = b.Input("image", DType.Float32, 5, 40);
        int w = b.Constant("w", Tensor.Of([40, 70], Enumerable.Range(0, 2800).Select(i => (i % 13 - 6) * 0.25f).ToArray()));
        int bias = b.Constant("bias", Tensor.Of([70], Enumerable.Range(0, 70).Select(i => i * 0.5f).ToArray()));
        b.Output("logits", b.Add("gelu", new Gelu(), b.Add("add", new Add(), b.Add("product", new MatMul(), x, w), bias)));
        return b.Build();
    }

    [Theory]
    [InlineData("cpu-avx2", "cpu-neon", "cpu-avx2", "cpu-sse")]
    [InlineData("cpu-sse", "cpu-scalar", "cpu-sse", "cpu-neon")]
    [InlineData("cpu-scalar", "cpu-neon", "cpu-scalar")]
    public void An_instance_runs_the_best_that_the_processor_has(string chosen, params string[] targets)
    {
        var graph = Graph();
        using var driver = new EmittedDriver(graph, Members, null, targets);
        var image = Arrays.Random((TensorType)graph[graph.Inputs[0].Value].Type, new Random(1));
        var logits = new float[350];
        Assert.Equal(chosen, driver.Call("Chosen", driver.WeightsFile, Arrays.Of(image), logits));
        Arrays.AssertClose((Tensor)new IR.Evaluate.Evaluator(isWide: true).Run(graph, [image])[0], logits, "logits");
    }

    [Fact]
    public void A_processor_that_has_none_of_them_is_told_so()
    {
        using var driver = new EmittedDriver(Graph(), Members, null, "cpu-neon", "cpu-avx512");
        if (System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated || System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported) return;
        var fault = Assert.Throws<PlatformNotSupportedException>(() =>
            driver.Call("Chosen", driver.WeightsFile, new float[200], new float[350]));
        Assert.Contains("cpu-avx512-zen5,cpu-neon-a72", fault.Message);
    }

    [Fact]
    public void What_is_packed_alike_is_stored_once_and_the_needs_are_those_of_all()
    {
        var compiler = new Compiler(new CompilerOptions { CSharp = new CSharpOptions("Net") });
        var model = new Model(Graph(), ModelHeader.Empty);
        var programs = new[] { "cpu-sse", "cpu-avx2", "cpu-avx512" }
            .Select(target => compiler.With(compiler.Options with { Target = target }).Lower(model)).ToArray();
        var family = ProgramFamily.Of([.. programs]);
        Assert.Equal(["cpu-avx512-zen5", "cpu-avx2", "cpu-sse"], family.Members.Select(m => m.Target.Name));
        Assert.Equal(family.Weights.Select(w => w.Offset).Order(), family.Weights.Select(w => w.Offset).Distinct());
        Assert.True(family.WeightBytes < programs.Sum(p => p.WeightBytes));
        foreach (var member in family.Members)
            foreach (var weight in member.Weights)
            {
                Assert.Equal(weight.Offset, member.Buffers[weight.Buffer].Offset.Value);
                Assert.Contains(family.Weights, w => (w.Offset, w.Bytes) == (weight.Offset, weight.Bytes)
                    && w.Transform.Equals(weight.Transform));
            }
        using var driver = new EmittedDriver(Graph(), Members, null, "cpu-sse", "cpu-avx2", "cpu-avx512");
        Assert.Equal("sse2 sse4.1 sse4.2", driver.Call("Needs"));
    }

    [Fact]
    public void Elsewhere_one_target_is_taken_and_each_once()
    {
        Assert.Contains("are several targets",
            Assert.Throws<NnccException>(() => new Compiler(new CompilerOptions { Target = "cpu-sse,cpu-avx2" }).Target).Message);
        Assert.Contains("is given twice",
            Assert.Throws<NnccException>(() => new Compiler(new CompilerOptions { Target = "cpu-sse,cpu-sse" }).ChosenTargets).Message);
    }
}
