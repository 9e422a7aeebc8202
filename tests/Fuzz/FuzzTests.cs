using Nncc.Tests.Support;

namespace Nncc.Tests.Fuzz;

/// <summary>
/// Random legal graphs over all ops give the same in the evaluator, after optimization, written as ONNX, in ONNX Runtime and as emitted C#;
/// spoilt files end in numbered faults. <see cref="FuzzProgram"/> runs more of them.
/// </summary>
[Trait("speed", "slow")]
public class FuzzTests
{
    private const int Graphs = 500, Files = 1000;

    [FactNeeding(Needs.OnnxRuntime)]
    public void All_engines_agree_about_random_graphs()
    {
        var result = Run(FuzzHost.Graphs, Graphs);
        Assert.True(result.Ops.Count > 200, $"only {result.Ops.Count} ops");
        foreach (string engine in GraphJudge.Engines.Append(GraphJudge.CSharp))
            Assert.True(result.Graphs.GetValueOrDefault(engine) > Graphs / 4, $"{engine} judged few graphs:\n{result}");
    }

    [Fact]
    public void Spoilt_files_are_models_or_faults()
    {
        var result = Run(FuzzHost.Files, Files);
        Assert.Equal(Files, result.Graphs.Values.Sum());
        foreach (string stage in new[] { "read", "count", "emit", "done" })
            Assert.True(result.Graphs.GetValueOrDefault(stage) > 10, $"few files end at {stage}:\n{result}");
    }

    private static FuzzChunk Run(string kind, int count)
    {
        var result = new FuzzHost(kind).Run(0, count);
        Assert.True(result.Differences.Count == 0,
            $"{result.Differences.Count} differences; the first:\n{string.Join("\n\n", result.Differences.Take(3))}");
        return result;
    }
}
