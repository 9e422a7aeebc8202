using System.Collections.Immutable;
using Nncc.Backends;
using Nncc.Backends.Verification;
using Nncc.IR.Onnx;
using Nncc.Tests.Support;
using Nncc.Zoo;

namespace Nncc.Tests.Backends;

/// <summary>
/// Models as a whole: expected outputs, the evaluator, the written model in the evaluator and in ONNX Runtime, and ONNX Runtime on the
/// model itself agree with the wide evaluation. Those with open sizes at three shapes at least.
/// </summary>
[Trait("speed", "slow")]
public class ModelAgreementTests
{
    // Shapes beside those of the expected data. A model with open sizes that is not here has three sets of data.
    private static readonly ImmutableSortedDictionary<string, string[]> OtherSizes = new Dictionary<string, string[]>
    {
        ["cifar_cnn_pytorch"] = ["batch_size=7"],
        ["linear_classifier_ml"] = ["?input.0=1", "?input.0=7"],
        ["lgbm_classifier_tensor"] = ["batch=6"],
        ["magika_v2_1"] = ["unk__132=2"],
        ["mscn_128d"] = ["batch_size=9"],
        ["oww_embedding"] = ["unk__314=2"],
        ["oww_melspectrogram"] = ["batch_size=2 samples=3200"],
        ["ppocr_cls_v2"] = ["p2o.DynamicDimension.0=1 p2o.DynamicDimension.1=48 p2o.DynamicDimension.2=128"],
        ["ppocr_cls_v2_fp16_opt"] = ["p2o.DynamicDimension.0=2 p2o.DynamicDimension.1=48 p2o.DynamicDimension.2=96",
            "p2o.DynamicDimension.0=1 p2o.DynamicDimension.1=48 p2o.DynamicDimension.2=128"],
        ["qlstm_3_2_3"] = ["?input.0=1", "?input.0=5"],
        ["silero_vad_v3_mini"] = ["batch=1 samples=6000"],
        ["silero_vad_v4"] = ["batch=3 sequence=1024"],
        ["silero_vad_v5_16k_op15"] = ["batch=2 sequence=640"],
        ["style_candy_std"] = ["batch=1 H=64 W=96"],
        ["traffic_bnn_48"] = ["unk__180=2", "unk__180=3"],
        ["vit_cifar_pgd"] = ["batch_size=5"],
        ["xgboost_classifier_tree"] = ["?input.0=2", "?input.0=5"],
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    private static readonly Compiler Compiler =
        new(new CompilerOptions { OnnxRuntime = new OnnxRuntimeOptions(Roots: [Repository.Root]) });

    public static TheoryData<string> Models => [.. SharedModels.Names];

    public static TheoryData<string> Networks => [.. ZooSelection.WithWeights];

    [TheoryNeeding(Needs.Shared | Needs.OnnxRuntime), MemberData(nameof(Models))]
    public void All_engines_agree(string name)
    {
        var model = Compiler.Read(SharedModels.File(name));
        Check(name, model, new() { DataFolder = SharedModels.Data(name), ModelPath = SharedModels.File(name) });
        string[] others = OtherSizes.GetValueOrDefault(name, []);
        var shapes = Enumerable.Range(0, SharedModels.Sets(name)).Select(set => Shapes(SharedModels.Inputs(name, set))).ToHashSet();
        foreach (string sizes in others)
        {
            using var folder = new TemporaryFolder();
            shapes.Add(Shapes(Stretch(model.Graph, name, sizes, folder)));
            Check(name, model, new() { DataFolder = folder.Path, ModelPath = SharedModels.File(name) });
        }
        bool isOpen = model.Graph.Inputs.Any(i => model.Graph[i.Value].Type is TensorType { Shape: not { IsStatic: true } });
        Assert.True(isOpen ? shapes.Count >= 3 : others.Length == 0 && shapes.Count == 1, $"{name}: {string.Join("; ", shapes)}");
    }

    [TheoryNeeding(Needs.OnnxRuntime), MemberData(nameof(Networks))]
    public void All_engines_agree_about_a_network_of_the_zoo(string name) =>
        Check(name, ModelZoo.Build(name), new());

    private static void Check(string name, Model model, VerificationOptions options)
    {
        bool isExpected = options.DataFolder is { } folder
            && Directory.EnumerateFiles(folder, "output_*", SearchOption.AllDirectories).Any();
        foreach (var set in ModelVerification.Run(Compiler, model, options with { Targets = [] }).Sets)
        {
            string[] engines = [.. isExpected ? [ModelVerification.Golden] : Array.Empty<string>(), "onnxruntime", "evaluator",
                "onnx evaluator", "onnx onnxruntime"];
            Assert.Equal(engines, set.Engines.Select(e => e.Engine));
            Assert.All(set.Engines, e => Assert.True(e.Status == VerificationStatus.Agrees,
                $"{name}, {set.Data}, {e.Engine}: {e.Status} {string.Join("; ", e.Outputs)} {string.Join("; ", e.Faults)}"));
        }
    }

    private static string Shapes(IEnumerable<(string Name, Tensor Content)> inputs) =>
        string.Join(", ", inputs.Select(i => $"{i.Name} {i.Content.Type}"));

    // The inputs of the first set of data, repeated or cut to other sizes.
    private static List<(string Name, Tensor Content)> Stretch(Graph graph, string name, string sizes, TemporaryFolder folder)
    {
        var map = sizes.Split(' ').Select(s => s.Split('=')).ToDictionary(p => p[0], p => Dim.Of(long.Parse(p[1])), StringComparer.Ordinal);
        var given = SharedModels.Inputs(name);
        var result = new List<(string, Tensor)>();
        for (int i = 0; i < given.Count; i++)
        {
            var type = (TensorType)graph.Inputs.Select(p => graph[p.Value]).Single(v => v.Name == given[i].Name).Type.Substitute(map);
            double[] items = given[i].Content.ToDoubles();
            long[] dims = type.Shape!.ToStatic()!;
            var tensor = Tensor.FromDoubles(type.DType, dims,
                [.. Enumerable.Range(0, (int)dims.Aggregate(1L, (a, b) => a * b)).Select(k => items[k % items.Length])]);
            TensorFile.Write(folder.At($"input_{i}.npy"), tensor);
            result.Add((given[i].Name, tensor));
        }
        return result;
    }
}
