using Nncc.Backends;
using Nncc.Backends.Models;
using Nncc.Backends.OnnxRuntime;
using Nncc.Tests.Support;
using Nncc.Zoo;

namespace Nncc.Tests.Rules;

/// <summary>
/// Of what ONNX Runtime fuses in real models and in those of the zoo, nncc finds nearly all. <c>fusions-missed.txt</c> lists the rest, each
/// with the reason why nncc leaves it.
/// </summary>
[Trait("speed", "slow")]
public class FusionRecallTests
{
    private const double Least = 0.95;
    private const string Reason = " # ";

    private static readonly string List = Repository.Under("tests", "Rules", "fusions-missed.txt");

    [FactNeeding(Needs.Shared | Needs.OnnxRuntime)]
    public void Nearly_all_fusions_of_ONNX_Runtime_are_found()
    {
        using var folder = new TemporaryFolder();
        var all = new List<(string Model, FusionRecall.Fusion Fusion)>();
        foreach (string name in SharedModels.Names)
        {
            var compiler = new Compiler();
            var graph = compiler.Read(SharedModels.File(name)).Graph;
            var inputs = ModelInputs.Bind(graph, SharedModels.Inputs(name).ToDictionary(i => i.Name, i => (Datum)i.Content));
            var options = new CompilerOptions { Passes = ModelInputs.WithShapes(new(), graph, inputs) };
            all.AddRange(Fusions(name, SharedModels.File(name), new Compiler(options), folder));
        }
        foreach (string name in ZooSelection.WithWeights)
        {
            string path = folder.At(name + ".onnx");
            new Compiler().WriteOnnx(ModelZoo.Build(name), path, isAsItIs: true);
            all.AddRange(Fusions(name, path, new Compiler(), folder));
        }
        Compare(all.Count, [.. all.Where(f => f.Fusion.Found is null).Select(m => $"{m.Model}: {m.Fusion.Kind} at {m.Fusion.Result}")]);
    }

    private static void Compare(int count, string[] missed)
    {
        string[] expected = File.Exists(List) ? File.ReadAllLines(List) : [];
        var reasons = expected.Where(l => l.Contains(Reason)).ToDictionary(l => l[..l.IndexOf(Reason, StringComparison.Ordinal)],
            l => l[l.IndexOf(Reason, StringComparison.Ordinal)..], StringComparer.Ordinal);
        string[] lines = [$"{count - missed.Length} of {count} are found", .. missed.Select(m => m + reasons.GetValueOrDefault(m))];
        if (CaseFile.IsBlessing) File.WriteAllLines(List, lines);
        else Assert.True(lines.SequenceEqual(expected), TextDifference.Show(string.Join('\n', expected), string.Join('\n', lines)));
        Assert.True(count > 500, $"ONNX Runtime is said to fuse {count} times only");
        Assert.True(missed.Length <= (1 - Least) * count, $"{missed.Length} of {count} fusions are not found");
    }

    private static IEnumerable<(string, FusionRecall.Fusion)> Fusions(string name, string path, Compiler compiler, TemporaryFolder folder)
    {
        string extended = folder.At(name + ".extended.onnx");
        using (OrtSession.Open(Judge.Library, path, new OrtSessionOptions
        {
            IntraOpThreads = 1, Optimization = OrtOptimization.Extended, OptimizedModelPath = extended, LogLevel = OrtLogLevel.Error,
        }))
            return [.. FusionRecall.Of(path, extended, compiler).Select(f => (name, f))];
    }
}
