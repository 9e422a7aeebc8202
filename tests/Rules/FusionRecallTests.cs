using Nncc.Backends;
using Nncc.Backends.Models;
using Nncc.Backends.OnnxRuntime;
using Nncc.Tests.Support;
using Nncc.Zoo;

namespace Nncc.Tests.Rules;

/// <summary>Of what ONNX Runtime fuses in real models and in those of the zoo, nncc finds nearly all.</summary>
[Trait("speed", "slow")]
public class FusionRecallTests
{
    private const double Least = 0.95;

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
        var missed = all.Where(f => f.Fusion.Found is null).ToList();
        Assert.True(all.Count > 500, $"ONNX Runtime is said to fuse {all.Count} times only");
        Assert.True(missed.Count <= (1 - Least) * all.Count, $"{missed.Count} of {all.Count} fusions are not found:\n"
            + string.Join('\n', missed.Select(m => $"{m.Model}: {m.Fusion.Kind} at {m.Fusion.Result}")));
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
