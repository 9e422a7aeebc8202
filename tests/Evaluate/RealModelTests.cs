using System.Collections.Immutable;
using Nncc.IR;
using Nncc.IR.Evaluate;
using Nncc.IR.Onnx;
using Nncc.IR.Ops;
using Nncc.Tests.Support;

namespace Nncc.Tests.Evaluate;

/// <summary>The evaluator gives the expected outputs of the real models.</summary>
[Trait("speed", "slow")]
public class RealModelTests
{
    private static readonly OpRegistry Registry = OpRegistry.Standard();

    public static TheoryData<string> Models => [.. SharedModels.Names];

    [TheoryNeeding(Needs.Shared)]
    [MemberData(nameof(Models))]
    public void ARealModelGivesItsExpectedOutputs(string name)
    {
        var graph = OnnxReader.Read(SharedModels.File(name), Registry).Graph;
        Assert.False(HasOpaque(graph));
        var given = SharedModels.Inputs(name).ToDictionary(i => i.Name, i => (Datum)i.Content);
        ImmutableArray<Datum?> inputs = [.. graph.Inputs.Select(i => given.GetValueOrDefault(graph[i.Value].Name))];
        var results = new Evaluator().Run(graph, inputs);
        var expected = SharedModels.Outputs(name).ToDictionary(o => o.Name, o => o.Content);
        double bound = SharedModels.Bound(name, 2e-5);
        for (int i = 0; i < results.Length; i++)
        {
            string output = graph.Outputs[i].Name;
            if (!expected.Remove(output, out var content)) continue;
            double error = Closeness.Error(results[i], content);
            // Where the expected output's own rounding is that large, as behind a difference of nearly equal numbers, it is no closer
            // measure.
            if (error > bound) bound =
                Math.Max(bound, 4 * Closeness.Error(Narrow((Tensor)new Evaluator(isWide: true).Run(graph, inputs)[i]), content));
            Assert.True(error <= bound, $"{name}: output {output} has error {error:g3}, allowed are {bound:g3}");
        }
        Assert.Empty(expected);
    }

    private static bool HasOpaque(Graph graph) => graph.Nodes.Any(n => n.Op is Opaque || n.Op.Bodies.Any(HasOpaque));

    private static Tensor Narrow(Tensor tensor) => tensor.IsWide
        ? Tensor.FromDoubles(tensor.DType, tensor.Dims.AsSpan(), tensor.ToDoubles()) : tensor;
}
