using System.Text.Json;
using Nncc.Cli;
using Nncc.IR;
using Nncc.IR.Onnx;
using Nncc.Tests.Support;

namespace Nncc.Tests.Cli;

/// <summary>The fields of each verb's JSON are those that it documents: no other, and each of them in some command.</summary>
public class JsonFieldTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // A list, for it needs files.
    private Dictionary<string, string[][]> Commands()
    {
        string model = CliModels.Write(folder), open = CliModels.WriteOpen(folder);
        CliModels.WriteInput(folder, "data/test_data_set_0/input_0.npy");
        TensorFile.Write(folder.At("data", "test_data_set_0", "output_0.npy"), Tensor.Of([1, 3], [5.5f, 7f, 11.1f]));
        string[] verify = ["verify", model, "--target", "cpu-scalar", "--onnxruntime", folder.At("none")];
        string[] bench = ["bench", model, "--vs", "none", "--target", "cpu-scalar", "--runs", "2", "--seconds", "0", "--max-seconds", "2"];
        return new()
        {
            ["compile"] = [["compile", model, "-o", folder.At("out")],
                ["compile", WithNotice(), "--emit", "onnx", "-o", folder.At("o.onnx"), "--fold-limit", "8"]],
            ["run"] = [["run", model, "--input", "random", "--engine", "evaluator"]],
            ["bench"] = [[.. bench, "--no-errors"], [.. bench, "--layers", "--items"], [.. bench, "--bundle", folder.At("bundle")]],
            ["compare"] = [["compare", model, "--targets", "cpu-scalar", "--measure", "--regions", "--seconds", "0.01"]],
            ["verify"] = [[.. verify, "--layers"], [.. verify, "--data", folder.At("data")]],
            ["conformance"] = [["conformance", WithCase()], ["conformance", WithCase(), "--expect", WithList()]],
            ["inspect"] = [["inspect", open], ["inspect", "--ops"]],
            ["count"] = [["count", model, "--as", "mac"], ["count", model, "--before-after"], ["count", WithUnknown()]],
            ["roofline"] = [["roofline", model], ["roofline", model, "--sweep", "batch=1..2"]],
            ["scale"] = [["scale", model, "--batch", "2"]],
            ["train-cost"] = [["train-cost", "--macs", "16e9", "--images", "1e6", "--epochs", "2", "--gpus", "4", "--days", "15", "--peak",
                "5.1", "--util", "0.33"]],
            ["graph"] = [["graph", model, "-o", folder.At("g.mmd")]],
            ["dump"] = [["dump", "--list"], ["dump", model], ["dump", model, "-o", folder.At("d.nnir")]],
            ["extract"] = [["extract", model, "--outputs", "sum", "-o", folder.At("e.onnx")]],
            ["bisect"] = [["bisect", model], ["bisect", WithNotice()], ["bisect", Wrong(), "--rules", folder.Path]],
            ["reduce"] = [["reduce", model, "--check", "! grep -q MatMul {}", "-o", folder.At("r.onnx")]],
            ["diff"] = [["diff", model, open], ["diff", model, WithNotice()], ["diff", model, WithOtherWeights()]],
            ["zoo"] = [["zoo", "--list"], ["zoo", "lenet", "-o", folder.At("z.onnx")], ["zoo", "mobilenet_v3_small", "--count"]],
            ["targets list"] = [["targets", "list"]],
            ["targets show"] = [["targets", "show", "cpu-avx512"], ["targets", "show", "tensorrt-like"]],
            ["calibrate"] = [["calibrate", "--target", "cpu-scalar", "--seconds", "0", "-o", folder.At("c.target.json"), "-q"]],
            ["explain"] = [["explain", model, "--cost", "all", "--target", "cpu-scalar"],
                ["explain", model, "--rule", "gemm-of-matmul-add"]],
            ["rules list"] = [["rules", "list"], ["rules", "list", "--functions"]],
            ["rules show"] = [["rules", "show", "drop-identity"]],
            ["rules mutate"] = [["rules", "mutate", "drop-double-not", "drop-add-zero"]],
            ["rules pages"] = [["rules", "pages", "--rules", Repository.Under("examples", "rules"), "-o", folder.At("pages")]],
            ["rules test"] = [["rules", "test", "drop-dropout"]],
            ["passes list"] = [["passes", "list"]],
            ["plugins list"] = [["plugins", "list", "--plugin", Plugins.PluginTests.Swish]],
            ["new rules"] = [["new", "rules", folder.At("my-rules")]],
            ["new plugin"] = [["new", "plugin", folder.At("MyPlugin")]],
            ["version"] = [["version"]],
        };
    }

    // A model that a wrong rule beside it makes another.
    private string Wrong()
    {
        File.WriteAllText(folder.At("wrong.rules"), "set canonical\nrule lose-the-sign\n  match Neg(Abs(x))\n  rewrite Abs(x)\n");
        var build = new GraphBuilder("wrong");
        int x = build.Input("x", DType.Float32, 4);
        build.Output("y", build.Add("neg", new IR.Ops.Neg(), build.Add("abs", new IR.Ops.Abs(), x)));
        return CliModels.Write(folder, build.Build(), "wrong.onnx");
    }

    private string WithOtherWeights()
    {
        var graph = CliModels.Small(1);
        var edit = new GraphEdit(graph);
        var sum = graph.Nodes.Single(n => n.Op is IR.Ops.Add);
        edit.Change(sum, sum.Op, [sum.Inputs[0], edit.AddConstant(Tensor.Vector(1f, 2f, 3f), before: sum)]);
        return CliModels.Write(folder, edit.Freeze(), "weights.onnx");
    }

    // An op of a domain that nncc does not know.
    private string WithUnknown()
    {
        var build = new GraphBuilder("unknown");
        int x = build.Input("x", DType.Float32, 4);
        build.Output("y", build.Add("odd", new IR.Ops.Opaque("vendor", "Odd", []), x));
        return CliModels.Write(folder, build.Build(), "unknown.onnx");
    }

    // A constant that is larger than what it is made of.
    private string WithNotice()
    {
        var build = new GraphBuilder("expand");
        int one = build.Constant("one", Tensor.Vector(1f)), dims = build.Constant("dims", Tensor.Vector(1000L));
        build.Output("y", build.Add("expand", new IR.Ops.Expand(), one, dims));
        return CliModels.Write(folder, build.Build(), "expand.onnx");
    }

    // A case of ONNX's backend data, and a list that names one which is not there.
    private string WithCase()
    {
        Directory.CreateDirectory(folder.At("suite", "case", "test_data_set_0"));
        CliModels.Write(folder, "suite/case/model.onnx");
        TensorFile.Write(folder.At("suite", "case", "test_data_set_0", "input_0.pb"), Tensor.Of([1, 4], [1f, 2, 3, 4]));
        TensorFile.Write(folder.At("suite", "case", "test_data_set_0", "output_0.pb"), Tensor.Of([1, 3], [5.5f, 7f, 11.1f]));
        return folder.At("suite");
    }

    private string WithList()
    {
        File.WriteAllText(folder.At("list.txt"), "suite/case: because\nsuite/other: because\n");
        return folder.At("list.txt");
    }

    [Fact]
    public void Every_field_is_documented_and_every_documented_field_is_there()
    {
        var commands = Commands();
        var verbs = Verbs.All().SelectMany(v =>
            v.Children.Select(c => (Name: $"{v.Command.Name} {c.Command.Name}", Verb: c)).Prepend((Name: v.Command.Name, Verb: v)))
            .Where(v => !v.Verb.Json.IsEmpty).ToDictionary(v => v.Name, v => v.Verb.Json);
        Assert.Equal(verbs.Keys.Order(StringComparer.Ordinal), commands.Keys.Order(StringComparer.Ordinal));
        foreach (var (verb, runs) in commands)
        {
            string[] documented = [.. verbs[verb].Select(f => f.Path)];
            var seen = new SortedSet<string>(StringComparer.Ordinal);
            foreach (string[] command in runs)
            {
                var run = CliRun.Of([.. command, "--json"]);
                foreach (string path in Leaves(run.Json, "", documented)) seen.Add(path);
            }
            // Lists that may be empty, and values that may be null, show no fields then.
            string[] rare = ["notices[].place", "notices[].advice", "sets[].engines[].layers.first", "sets[].engines[].layers.worst",
                "hazards[]", "rules[].neverFalse[]"];
            Assert.Equal([], seen.Except(documented));
            Assert.Equal([], documented.Except(seen).Except(rare));
        }
    }

    [Fact]
    public void Faults_are_json_too()
    {
        var run = CliRun.Bad(1, ["NNC7102"], "dump", CliModels.Write(folder), "--after", "nowhere", "--json");
        Assert.Equal("NNC7102", run.Json.GetProperty("faults")[0].GetProperty("code").GetString());
    }

    // Paths of all values that hold no others, with * for a name that no documented path has at its place.
    private static IEnumerable<string> Leaves(JsonElement element, string path, string[] documented)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Array:
                return element.EnumerateArray().SelectMany(item => Leaves(item, path + "[]", documented));
            case JsonValueKind.Object:
                string prefix = path.Length == 0 ? "" : path + ".";
                return element.EnumerateObject().SelectMany(property =>
                {
                    string exact = prefix + property.Name;
                    bool isKnown = documented.Any(d => d == exact || d.StartsWith(exact + ".", StringComparison.Ordinal)
                        || d.StartsWith(exact + "[", StringComparison.Ordinal));
                    bool isAny = documented.Any(d => d == prefix + "*" || d.StartsWith(prefix + "*.", StringComparison.Ordinal));
                    bool isObject = property.Value.ValueKind == JsonValueKind.Object && isAny;
                    return Leaves(property.Value, isObject || (!isKnown && isAny) ? prefix + "*" : exact, documented);
                });
            default:
                return [path];
        }
    }
}
