using System.CommandLine;
using System.Security.Cryptography;
using System.Text;

namespace Nncc.Bench;

/// <summary>A model of the set.</summary>
/// <param name="Name">Name in the table.</param>
/// <param name="Group">Which table it stands in.</param>
/// <param name="Arguments">What is said to <c>nncc bench</c>: the file, and what binds its sizes.</param>
internal sealed record BenchModel(string Name, string Group, IReadOnlyList<string> Arguments)
{
    /// <summary>
    /// Whether predictions are judged by it, so that no constant of the cost model may be chosen with a look at it: about half of the real
    /// models, by a hash of their family, which is what their names begin with; a family that the zoo has is not among them.
    /// </summary>
    public bool IsJudged =>
        Group == BenchSet.Real && !BenchSet.IsOfZoo(Family) && SHA256.HashData(Encoding.UTF8.GetBytes(Family))[0] % 2 == 1;

    private string Family => string.Concat(Name.TakeWhile(char.IsAsciiLetter));
}

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

    /// <summary>Whether a model of the zoo begins with that name.</summary>
    public static bool IsOfZoo(string family) =>
        NetworkNames.Concat(SmallNames).Any(name => name.StartsWith(family, StringComparison.Ordinal));

    private static IEnumerable<BenchModel> All(string root)
    {
        string folder = Folder(root);
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

    /// <summary>The option that names models of the set; a name that it has not is an error.</summary>
    /// <param name="root">The checkout.</param>
    public static Option<string[]> Only(string root)
    {
        var option = new Option<string[]>("--only")
        {
            Description = "These models alone, names between commas", DefaultValueFactory = _ => [],
            CustomParser = given => given.Tokens.Count == 0 ? [] : given.Tokens[0].Value.Split(','),
        };
        option.Validators.Add(result =>
        {
            var known = All(root).Select(m => m.Name).ToHashSet();
            foreach (string name in result.GetValueOrDefault<string[]>().Where(name => !known.Contains(name)))
                result.AddError($"the set has no \"{name}\"; it has {string.Join(", ", known)}");
        });
        return option;
    }

    /// <summary>The models of these names, all without any; those of the zoo are written where they are not there yet.</summary>
    /// <param name="root">The checkout.</param>
    /// <param name="names">Names of models of the set.</param>
    public static IReadOnlyList<BenchModel> Chosen(string root, string[] names)
    {
        var chosen = All(root).Where(m => names.Length == 0 || names.Contains(m.Name)).ToList();
        foreach (var model in chosen.Where(m => m.Group != Real && !File.Exists(m.Arguments[0])))
            NnccProcess.Run("zoo", model.Name, "-o", model.Arguments[0], "-q");
        return chosen;
    }

    /// <summary>Where models of the zoo and measurements lie.</summary>
    public static string Folder(string root) => Directory.CreateDirectory(Path.Combine(root, "out", "bench")).FullName;

    private static BenchModel Zoo(string name, string group, string folder) => new(name, group, [Path.Combine(folder, $"{name}.onnx")]);
}
