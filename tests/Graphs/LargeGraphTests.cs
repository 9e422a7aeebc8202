using System.Diagnostics;
using Nncc.IR.Evaluate;
using Nncc.IR.Ops;
using Nncc.IR.Text;
using Nncc.Passes;
using Nncc.Tests.Support;

namespace Nncc.Tests.Graphs;

/// <summary>A long chain, and shorter graphs of other shapes, go through text, verifier, evaluator and every pass in seconds.</summary>
public class LargeGraphTests
{
    private const int Seconds = 60; // far more than is needed, far less than anything quadratic takes
    private static readonly OpRegistry Ops = OpRegistry.Standard();
    private static readonly TensorType Scalar = new(DType.Float32, Shape.Scalar);

    public static TheoryData<string> Shapes => ["residual", "fan", "constants", "duplicates", "dead", "sizes"];

    [Fact]
    public void AChainOf200000NodesPassesThroughEverything() => PassThroughEverything("chain", 200_000);

    [Theory, MemberData(nameof(Shapes))]
    public void AGraphOfAnyShapePassesThroughEverything(string shape) => PassThroughEverything(shape, 50_000);

    private static void PassThroughEverything(string shape, int length)
    {
        var graph = Make(shape, length);
        Within("print, parse, verify", () =>
        {
            var read = Parser.Parse(Printer.Print(graph, Ops), Ops);
            Assert.True(read.Equals(graph));
            Assert.Empty(Verifier.Check(read, Ops));
        });
        Within("evaluate", () => new Evaluator().Run(graph, [.. graph.Inputs.Select(i => i.Default is null ? Tensor.Scalar(1.5f) : null)]));
        foreach (var pass in PassCases.All) Within(pass.Name, () => new Pipeline("large", pass).Run(graph, new PassContext(Ops)));
        var none = new CompileOptions();
        var bound = none with { Dims = none.Dims.Add("N", 5) };
        Within("canonicalize", () => Pipelines.Canonicalize()
            .Run(graph, new PassContext(Ops) { Options = shape == "sizes" ? bound : none }));
    }

    private static Graph Make(string shape, int length)
    {
        var edit = new GraphEdit(shape);
        int x = edit.AddInput("x", shape == "sizes" ? new TensorType(DType.Float32, []) : Scalar), value = x;
        if (shape == "constants") value = edit.AddConstant(Tensor.Scalar(1f));
        if (shape == "sizes") value = edit.Insert(new ShapeOf(),
            [edit.AddInput("data", new TensorType(DType.Float32, [Dim.Symbol("N")]), Tensor.Vector(new float[5]))],
            Provenance.None).Outputs[0];
        int first = value;
        int one = shape == "sizes" ? edit.AddConstant(Tensor.Vector(0L)) : -1;
        for (int i = 0; i < length; i++)
        {
            var origin = Provenance.Of($"node{i}");
            int made = shape switch
            {
                "residual" => Add(new Add(), value, i > 1 ? value - 1 : x),
                "fan" => Add(new Mul(), first, first),
                "duplicates" => Add(new Neg(), i % 2 == 0 ? value : value - 1),
                "sizes" => Add(new Add(), value, one),
                _ => Add(new Neg(), value),
            };
            if (shape != "fan") value = made;
            else if (i % 2 == 0) edit.AddOutput($"y{i}", made);

            int Add(Op op, params int[] operands) => edit.Insert(op, operands, origin, [$"v{i}"]).Outputs[0];
        }
        edit.AddOutput("y", shape == "dead" ? first : value);
        return edit.Freeze();
    }

    private static void Within(string what, Action action)
    {
        var watch = Stopwatch.StartNew();
        action();
        Assert.True(watch.Elapsed.TotalSeconds < Seconds, $"{what} took {watch.Elapsed}");
    }
}
