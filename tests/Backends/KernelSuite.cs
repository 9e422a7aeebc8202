using System.Collections.Immutable;
using Nncc.Backends.CSharp;
using Nncc.IR.Evaluate;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Tests.Backends;

/// <summary>
/// The graphs of <see cref="KernelGraphs"/> as emitted C#, by target and strategy, beside what the evaluator says of them. Targets are
/// compiled when they are first asked for.
/// </summary>
public sealed class KernelSuite : IDisposable
{
    private readonly Dictionary<string, ProgramBatch> batches = [];
    private readonly Dictionary<string, (ImmutableArray<Datum> Inputs, ImmutableArray<Datum> Outputs)> expected = [];

    /// <summary>The targets that are x64 or less.</summary>
    public static string[] Targets => ["cpu-scalar", "cpu-sse", "cpu-avx2", "cpu-avx512"];

    /// <summary>Fails unless the graph's results on the target agree with the evaluator's, with every strategy.</summary>
    public void Check(string name, string target)
    {
        var (inputs, outputs) = Expected(name);
        var batch = Batch(target);
        foreach (var strategy in FusionStrategies.Shipped)
        {
            var actual = batch[Key(name, strategy)].Run([.. inputs.Select(i => Arrays.Of((Tensor)i))], outputs.Length);
            for (int i = 0; i < actual.Length; i++)
                Arrays.AssertClose((Tensor)outputs[i], actual[i], $"{name}, result {i}, on {target} with {strategy.Name}");
        }
    }

    private (ImmutableArray<Datum> Inputs, ImmutableArray<Datum> Outputs) Expected(string name)
    {
        if (expected.TryGetValue(name, out var there)) return there;
        var graph = KernelGraphs.All[name]();
        var random = new Random(7);
        ImmutableArray<Datum> inputs = [.. graph.Inputs.Select(i => i.Default ?? Arrays.Random((TensorType)graph[i.Value].Type, random))];
        return expected[name] = (inputs, new Evaluator(isWide: true).Run(graph, [.. inputs]));
    }

    private ProgramBatch Batch(string target)
    {
        if (batches.TryGetValue(target, out var batch)) return batch;
        var profile = TargetProfiles.Standard()[target];
        batch = batches[target] = new ProgramBatch(profile);
        foreach (var (name, build) in KernelGraphs.All)
            foreach (var strategy in FusionStrategies.Shipped)
                batch.Add(Key(name, strategy), strategy, backend => backend.Lower(build(), new PassContext(OpRegistry.Standard())));
        return batch;
    }

    private static string Key(string name, IFusionStrategy strategy) => $"{name}/{strategy.Name}";

    public void Dispose()
    {
        foreach (var batch in batches.Values) batch.Dispose();
    }
}
