namespace Nncc.Tests.Fuzz;

/// <summary>Spoilt files end in numbered faults. <see cref="FuzzProgram"/> runs more of them.</summary>
[Trait("speed", "slow")]
public class FuzzTests
{
    private const int Files = 1000;

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
