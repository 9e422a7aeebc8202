using System.Collections.Immutable;
using Nncc.Backends.CSharp;
using Nncc.IR;
using Nncc.IR.Evaluate;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Tests.Backends;

/// <summary>Emitted C# of small graphs, on every target that this machine can run and with every strategy, against the evaluator.</summary>
public class KernelAgreementTests
{
    public static TheoryData<string> Graphs => [.. KernelGraphs.All.Keys];

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Agrees_with_the_evaluator(string name)
    {
        var graph = KernelGraphs.All[name]();
        var random = new Random(7);
        ImmutableArray<Datum> inputs = [.. graph.Inputs.Select(i => RandomTensor((TensorType)graph[i.Value].Type, random))];
        var expected = new Evaluator(isWide: true).Run(graph, [.. inputs]);
        foreach (string target in new[] { "cpu-scalar", "cpu-sse", "cpu-avx2", "cpu-avx512" })
            foreach (var strategy in FusionStrategies.All)
            {
                var backend = new CSharpBackend(TargetProfiles.Standard()[target], strategy);
                var program = backend.Lower(graph, new PassContext(OpRegistry.Standard()));
                using var model = HostCompiler.Load(backend, program);
                var actual = model.Run([.. inputs.Select(i => ToArray((Tensor)i))]);
                for (int i = 0; i < actual.Length; i++)
                    AssertClose((Tensor)expected[i], actual[i], $"{name} on {target} with {strategy.Name}");
            }
    }

    private static Tensor RandomTensor(TensorType type, Random random)
    {
        var dims = type.Shape!.ToStatic()!;
        long count = dims.Aggregate(1L, (a, b) => a * b);
        return Tensor.FromDoubles(type.DType, dims, [.. Enumerable.Range(0, (int)count).Select(_ => type.DType.IsFloat() ? random.NextDouble() * 4 - 2 : random.Next(0, 5))]);
    }

    private static Array ToArray(Tensor t) => t.DType switch
    {
        DType.Float32 => t.Span<float>().ToArray(),
        DType.Float64 => t.Span<double>().ToArray(),
        DType.Float16 => t.Span<Half>().ToArray(),
        DType.Int64 => t.Span<long>().ToArray(),
        DType.Int32 => t.Span<int>().ToArray(),
        DType.Bool => t.ToLongs().Select(v => v != 0).ToArray(),
        _ => throw new ArgumentOutOfRangeException(nameof(t)),
    };

    private static void AssertClose(Tensor expected, Array actual, string what)
    {
        double[] a = expected.ToDoubles();
        double scale = a.Length == 0 ? 1 : Math.Max(a.Max(Math.Abs), 1e-30);
        Assert.Equal(a.Length, actual.Length);
        int i = 0;
        foreach (object item in actual)
        {
            double b = item is bool truth ? (truth ? 1 : 0) : item is Half h ? (double)h : Convert.ToDouble(item);
            Assert.True(Math.Abs(a[i] - b) <= 2e-6 * scale || (double.IsNaN(a[i]) && double.IsNaN(b)), $"{what}: element {i} is {b}, should be {a[i]}");
            i++;
        }
    }
}
