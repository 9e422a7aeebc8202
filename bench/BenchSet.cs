namespace Nncc.Bench;

/// <summary>A model of the set.</summary>
/// <param name="Name">Name in the table.</param>
/// <param name="Group">Which table it stands in.</param>
/// <param name="Arguments">What is said to <c>nncc bench</c>: the file, and what binds its sizes.</param>
internal sealed record BenchModel(string Name, string Group, IReadOnlyList<string> Arguments);

/// <summary>The models that are measured.</summary>
internal static class BenchSet
{
    public const string Networks = "Networks", Small = "Small networks", Real = "Real models";

    private static readonly string[] NetworkNames =
    [
        "resnet18", "resnet50", "vgg16", "densenet121", "squeezenet1_1", "mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small",
        "shufflenet_v2_x1_0", "efficientnet_b0", "vit_tiny", "bert_small",
    ];

    private static readonly string[] SmallNames = ["lenet", "toy_cnn"];

    /// <summary>The set; models of the zoo are written to the folder when they are asked for.</summary>
    /// <param name="root">The checkout.</param>
    /// <param name="folder">Takes the files of the zoo.</param>
    public static IEnumerable<BenchModel> All(string root, string folder)
    {
        foreach (string name in NetworkNames) yield return Zoo(name, Networks, folder);
        foreach (string name in SmallNames) yield return Zoo(name, Small, folder);
        string shared = Path.Combine(root, "..", "shared", "models");
        if (!Directory.Exists(shared)) yield break;
        // A model with files of its own stands in a folder of its name.
        foreach (string file in Directory.EnumerateFiles(shared, "*.onnx").Concat(Directory.EnumerateDirectories(shared)
            .Select(f => Path.Combine(f, "model.onnx")).Where(File.Exists)).Order(StringComparer.Ordinal))
        {
            string stem = Path.GetFileNameWithoutExtension(file);
            string name = stem == "model" ? Path.GetFileName(Path.GetDirectoryName(file))! : stem;
            string data = Path.Combine(shared, "golden", name);
            yield return new BenchModel(name, Real, Directory.Exists(data) ? [file, "--data", data] : [file]);
        }
    }

    private static BenchModel Zoo(string name, string group, string folder) => new(name, group, [Path.Combine(folder, $"{name}.onnx")]);
}
