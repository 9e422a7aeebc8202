using Nncc.IR;
using Nncc.IR.Onnx;
using Nncc.IR.Text;
using Nncc.Tests.Support;

namespace Nncc.Tests.Cli;

/// <summary>The verbs that look at models: inspect, dump, extract; and those about nncc itself.</summary>
public class InspectTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Inspect_tells_what_is_in_a_model()
    {
        var json = CliRun.Good("inspect", CliModels.WriteOpen(folder), "--json").Json;
        Assert.Equal("small", json.GetProperty("name").GetString());
        Assert.Equal("f32[batch,4]", json.GetProperty("inputs")[0].GetProperty("type").GetString());
        Assert.Equal(3, json.GetProperty("nodes").GetInt32());
        Assert.Equal(1, json.GetProperty("ops").GetProperty("MatMul").GetInt32());
        Assert.Equal(15, json.GetProperty("parameters").GetInt64());
        Assert.Equal(60, json.GetProperty("constantBytes").GetInt64());
        Assert.Equal("12*batch", json.GetProperty("macs").GetString());
        Assert.Contains("NNC5004", json.GetProperty("limitations").ToString());

        string text = CliRun.Good("inspect", CliModels.WriteOpen(folder), "--dim", "batch=2").Out;
        Assert.Contains("15 parameters", text);
        Assert.Contains("24 multiply-accumulates", text);
        Assert.Contains("everything in it is supported", text);
    }

    [Fact]
    public void Dump_prints_any_stage_and_what_it_writes_reads_back()
    {
        string model = CliModels.Write(folder);
        Assert.Contains("stage=imported", CliRun.Good("dump", model, "--after", "imported").Out);
        Assert.Contains("stage=canonical", CliRun.Good("dump", model).Out);
        Assert.Contains("stage=imported", CliRun.Good("dump", model, "--before", "enter-canonical").Out);
        Assert.Contains("stage=fused", CliRun.Good("dump", model, "--after", "fused", "--target", "cpu-scalar").Out);
        Assert.Contains("stage=scheduled", CliRun.Good("dump", model, "--after", "scheduled").Out);
        Assert.Contains("step 0 ", CliRun.Good("dump", model, "--after", "program").Out);
        CliRun.Bad(1, ["NNC7102", "did you mean \"constant-folding\"?"], "dump", model, "--after", "constant-foldin");
        CliRun.Bad(1, ["NNC7001"], "dump");
        CliRun.Bad(1, ["NNC7001"], "dump", model, "--after", "fused", "--before", "canonical");

        CliRun.Good("dump", model, "-o", folder.At("small.nnir"));
        var read = Parser.Parse(File.ReadAllText(folder.At("small.nnir")), OpRegistry.Standard());
        Assert.Equal(Stage.Canonical, read.Stage);
        CliRun.Good("compile", folder.At("small.nnir"), "-o", folder.At("out"));
        CliRun.Bad(2, ["NNC2102"], "dump", model, "-o", folder.At("no", "folder", "x.nnir"));
        CliRun.Bad(2, ["NNC2001"], "dump", folder.At("absent.nnir"));
        File.WriteAllText(folder.At("wrong.nnir"), "nnir 1\ngraph \"x\" {\n  what\n}\n");
        CliRun.Bad(2, ["NNC2901", "wrong.nnir:3"], "dump", folder.At("wrong.nnir"));
    }

    [Fact]
    public void Dump_lists_every_pass_in_order()
    {
        var names = CliRun.Good("dump", "--list", "--json").Json.GetProperty("points").EnumerateArray()
            .Select(p => p.GetProperty("name").GetString()!).ToList();
        string model = CliModels.Write(folder);
        Assert.True(names.IndexOf("specialization") < names.IndexOf("canonical") && names.IndexOf("canonical") < names.IndexOf("program"));
        foreach (string name in names) CliRun.Good("dump", model, "--after", name, "-q");
    }

    [Fact]
    public void Extract_cuts_between_values()
    {
        string model = CliModels.Write(folder), part = folder.At("part.onnx");
        var json = CliRun.Good("extract", model, "--inputs", "product", "--outputs", "sum", "-o", part, "--json").Json;
        Assert.Equal("product", json.GetProperty("inputs")[0].GetString());
        var graph = OnnxReader.Read(part, OpRegistry.Standard()).Graph;
        Assert.Equal("product", graph[graph.Inputs.Single().Value].Name);
        Assert.Equal("sum", graph.Outputs.Single().Name);
        Assert.Single(graph.Nodes, n => n.Op is not IR.Ops.Constant);

        CliRun.Good("extract", model, "--outputs", "product", "-o", part);
        CliRun.Bad(1, ["NNC7103", "no output needs the input \"sum\""], "extract", model, "--inputs", "x,sum", "--outputs", "product", "-o",
            part);
        CliRun.Bad(1, ["NNC7103", "model's input \"x\""], "extract", model, "--inputs", "b", "--outputs", "sum", "-o", part);
        var run = CliRun.Bad(1, ["\"produc\"", "\"som\""], "extract", model, "--inputs", "produc", "--outputs", "som", "-o", part);
        Assert.Equal(2, run.Error.Split('\n').Count(line => line.StartsWith("NNC7102", StringComparison.Ordinal)));
        CliRun.Bad(1, ["NNC7001", "--output"], "extract", model, "--outputs", "sum");
    }

    [Fact]
    public void Targets_are_listed_and_shown()
    {
        var json = CliRun.Good("targets", "list", "--json").Json;
        Assert.Contains(json.GetProperty("targets").EnumerateArray(), t =>
            t.GetProperty("name").GetString() == json.GetProperty("host").GetString() && t.GetProperty("runsHere").GetBoolean());
        Assert.Equal(512, CliRun.Good("targets", "show", "cpu-avx512", "--json").Json.GetProperty("vectorBits").GetInt32());
        Assert.Equal("cpu-avx512-zen5", CliRun.Good("targets", "show", "cpu-avx512", "--json").Json.GetProperty("name").GetString());
        Assert.Matches(@"(?m)^cpu-neon-a72 +cpu-neon .* no +never measured", CliRun.Good("targets", "list").Out);
        Assert.Contains("GFLOP/s", CliRun.Good("targets", "show", "host").Out);
        CliRun.Bad(1, ["NNC5001", "did you mean \"cpu-avx2\""], "targets", "show", "cpu-avx3");
        CliRun.Bad(1, ["did you mean \"show\"?"], "targets", "shaw");
    }

    [Fact]
    public void The_zoo_writes_the_same_file_for_the_same_seed()
    {
        Assert.Contains("lenet", CliRun.Good("zoo", "--list").Out);
        CliRun.Good("zoo", "lenet", "-o", folder.At("a.onnx"));
        CliRun.Good("zoo", "lenet", "-o", folder.At("b.onnx"), "--seed", "1", "--batch", "1");
        CliRun.Good("zoo", "lenet", "-o", folder.At("c.onnx"), "--seed", "2");
        Assert.Equal(File.ReadAllBytes(folder.At("a.onnx")), File.ReadAllBytes(folder.At("b.onnx")));
        Assert.NotEqual(File.ReadAllBytes(folder.At("a.onnx")), File.ReadAllBytes(folder.At("c.onnx")));
        CliRun.Bad(1, ["NNC7102", "did you mean \"lenet\"?"], "zoo", "lenett");
        CliRun.Bad(1, ["NNC7001"], "zoo");
        CliRun.Bad(1, ["NNC7001"], "zoo", "lenet", "--batch", "0");
    }

    [Fact]
    public void Version_is_one_line()
    {
        Assert.Equal($"{Nncc.Backends.ToolVersion.Name}\n", CliRun.Good("version").Out);
        Assert.Equal(CliRun.Good("version").Out, CliRun.Good("--version").Out);
        Assert.Equal(Nncc.Backends.ToolVersion.Number, CliRun.Good("version", "--json").Json.GetProperty("version").GetString());
    }

    [Fact]
    public void An_unknown_verb_is_suggested() => CliRun.Bad(1, ["NNC7001", "did you mean \"inspect\"?"], "inspec", "x.onnx");
}
