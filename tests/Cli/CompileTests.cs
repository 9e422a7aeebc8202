using Nncc.IR;
using Nncc.IR.Onnx;
using Nncc.IR.Ops;
using Nncc.Tests.Support;

namespace Nncc.Tests.Cli;

/// <summary><c>nncc compile</c>: what is written, and what is refused with nothing written.</summary>
public class CompileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_folder_of_C_sharp_is_complete_and_is_written_again()
    {
        string model = CliModels.Write(folder), place = folder.At("out");
        var run = CliRun.Good("compile", model, "--target", "cpu-scalar", "-o", place);
        Assert.Contains("wrote", run.Out);
        Assert.True(File.Exists(Path.Combine(place, "Small.cs")));
        Assert.True(File.Exists(Path.Combine(place, "Small.weights")));
        string first = File.ReadAllText(Path.Combine(place, "Small.cs"));
        File.WriteAllText(Path.Combine(place, "mine.txt"), "kept");

        CliRun.Good("compile", model, "--target", "cpu-scalar", "-o", place, "--class", "Other");
        Assert.False(File.Exists(Path.Combine(place, "Small.cs")), "a file of the first run is left");
        Assert.True(File.Exists(Path.Combine(place, "Other.cs")));
        Assert.Equal("kept", File.ReadAllText(Path.Combine(place, "mine.txt")));

        CliRun.Good("compile", model, "--target", "cpu-scalar", "-o", place);
        Assert.Equal(first, File.ReadAllText(Path.Combine(place, "Small.cs")));
        Assert.Equal(["open", "out", "small.onnx"], Left("open"));
    }

    [Fact]
    public void Json_names_every_file_with_its_size()
    {
        var json = CliRun.Good("compile", CliModels.Write(folder), "-o", folder.At("out"), "--json").Json;
        Assert.Equal("csharp", json.GetProperty("emit").GetString());
        Assert.Equal("cpu-avx2", json.GetProperty("target").GetString());
        foreach (var file in json.GetProperty("files").EnumerateArray())
            Assert.Equal(new FileInfo(folder.At("out", file.GetProperty("path").GetString()!)).Length,
                file.GetProperty("bytes").GetInt64());
    }

    [Fact]
    public void A_folder_of_somebody_else_is_written_into_with_force_only()
    {
        string model = CliModels.Write(folder), place = folder.At("theirs");
        Directory.CreateDirectory(place);
        File.WriteAllText(Path.Combine(place, "thesis.txt"), "years of work");
        CliRun.Bad(3, ["NNC7101", "--force"], "compile", model, "-o", place);
        Assert.Single(Directory.GetFileSystemEntries(place));
        CliRun.Good("compile", model, "-o", place, "--force");
        Assert.Equal("years of work", File.ReadAllText(Path.Combine(place, "thesis.txt")));
        Assert.True(File.Exists(Path.Combine(place, "Small.cs")));
    }

    [Fact]
    public void A_list_of_files_that_leads_out_of_the_folder_removes_nothing()
    {
        string model = CliModels.Write(folder), place = folder.At("out");
        CliRun.Good("compile", model, "-o", place);
        File.AppendAllText(Path.Combine(place, ".nncc-files"), "../small.onnx\n/tmp/nncc-no-such-file\n");
        CliRun.Good("compile", model, "-o", place);
        Assert.True(File.Exists(model));
    }

    [Fact]
    public void Onnx_keeps_names_and_demanded_opsets()
    {
        string model = CliModels.Write(folder), place = folder.At("small.opt.onnx");
        var json = CliRun.Good("compile", model, "--emit", "onnx", "-o", place, "--opset", "13", "--external-data", "--json").Json;
        Assert.Equal(13, json.GetProperty("opset").GetInt32());
        var read = OnnxReader.Read(place, OpRegistry.Standard());
        Assert.Equal(13, read.Header.Opsets[""]);
        Assert.Equal("x", read.Graph[read.Graph.Inputs[0].Value].Name);
        Assert.Equal("y", read.Graph.Outputs[0].Name);
    }

    [Fact]
    public void The_model_itself_may_be_replaced()
    {
        string model = CliModels.Write(folder);
        CliRun.Good("compile", model, "--emit", "onnx", "-o", model);
        CliRun.Good("inspect", model);
    }

    [Fact]
    public void An_opset_that_does_not_hold_the_graph_is_refused_with_the_node()
    {
        var build = new GraphBuilder("young");
        build.Output("y", build.Add("triangle", new Trilu(), build.Input("x", DType.Float32, 4, 4)));
        string model = CliModels.Write(folder, build.Build(), "young.onnx");
        CliRun.Bad(3, ["NNC2101", "triangle", "14"], "compile", model, "--emit", "onnx", "--opset", "11", "-o", folder.At("old.onnx"));
        Assert.False(File.Exists(folder.At("old.onnx")));
    }

    [Theory]
    [InlineData(1, "NNC5001", "--target", "cpu-avx3")]
    [InlineData(1, "NNC5007", "--strategy", "rule")]
    [InlineData(1, "NNC3209", "--disable", "constant-foldin")]
    [InlineData(1, "NNC3209", "--only", "no-such-rule")]
    [InlineData(1, "NNC5006", "--class", "2nd")]
    [InlineData(1, "NNC7001", "--emit", "java")]
    [InlineData(1, "NNC7001", "--opset", "13")]
    [InlineData(1, "NNC7001", "--shape", "x")]
    [InlineData(1, "NNC7001", "--shape", "x=1,,4")]
    [InlineData(1, "NNC3005", "--shape", "z=1x4")]
    [InlineData(1, "NNC3005", "--dim", "batch=3")]
    [InlineData(1, "NNC7001", "--dim", "batch=many")]
    [InlineData(1, "NNC7001", "--fold-limit", "-1")]
    [InlineData(1, "NNC7001", "--no-such-option", "1")]
    public void A_wrong_option_is_refused_and_nothing_is_written(int exit, string code, string option, string value)
    {
        CliRun.Bad(exit, [code], "compile", CliModels.Write(folder), "-o", folder.At("out"), option, value);
        Assert.Equal(["small.onnx"], Left());
    }

    [Fact]
    public void Every_fold_that_is_refused_for_its_size_is_listed_with_the_option_that_allows_it()
    {
        var build = new GraphBuilder("growth");
        int x = build.Input("x", DType.Float32, 1, 512, 2, 2);
        int large = build.Add("large", new Expand(), build.Constant("one", Tensor.Scalar(1f)),
            build.Constant("sizes", Tensor.Vector(4L, 3)));
        // The filters would be multiplied, and stay for the other output.
        int weights = build.Constant("w", Tensor.FromDoubles(DType.Float32, [64, 512, 1, 1], new double[64 * 512]));
        int conv = build.Add("conv", new Conv(), x, weights);
        build.Output("scaled", build.Add("mul", new Mul(), conv, build.Constant("k", Tensor.FromDoubles(DType.Float32, [64, 1, 1],
            Enumerable.Range(1, 64).Select(i => (double)i).ToArray()))));
        build.Output("large", large);
        build.Output("weights", build.Add("neg", new Neg(), build.Add("turn", new Transpose(), weights)));
        string model = CliModels.Write(folder, build.Build(), "growth.onnx");
        var run = CliRun.Of("compile", model, "--emit", "onnx", "-o", folder.At("o.onnx"), "--fold-budget", "40", "--json");
        Assert.Equal(0, run.Exit);
        var notices = run.Json.GetProperty("notices").EnumerateArray()
            .Select(n => $"{n.GetProperty("message")}: {n.GetProperty("advice")}").ToList();
        Assert.Contains(notices, n => n.Contains("48 bytes in place of") && n.Contains("--fold-budget 48 allows it"));
        // What the factors took goes.
        Assert.Contains(notices, n => n.Contains("fold/fold-mul-into-conv-without-bias was not applied")
            && n.Contains("--fold-budget 130816 allows it"));
        CliRun.Good("compile", model, "--emit", "onnx", "-o", folder.At("p.onnx"), "--fold-budget", "130816", "--expect",
            "fold-mul-into-conv-without-bias=1", "-q");
    }

    [Fact]
    public void All_wrong_sizes_are_told_at_once()
    {
        var run = CliRun.Bad(1, ["4,,", "many", "-5"], "inspect", CliModels.Write(folder), "--shape", "x=4,,", "--dim", "n=many",
            "--fold-limit", "-5");
        Assert.Equal(3, run.Error.Split('\n').Count(line => line.StartsWith("NNC7001", StringComparison.Ordinal)));
    }

    [Fact]
    public void Open_sizes_are_refused_for_C_sharp_with_the_option_that_binds_them()
    {
        string model = CliModels.WriteOpen(folder);
        CliRun.Bad(4, ["NNC5004", "--dim batch=N"], "compile", model, "-o", folder.At("out"));
        CliRun.Good("compile", model, "-o", folder.At("out"), "--dim", "batch=2");
        CliRun.Good("compile", model, "--emit", "onnx", "-o", folder.At("open.opt.onnx"));
    }

    [Fact]
    public void An_op_of_an_unknown_domain_goes_to_onnx_and_not_to_C_sharp()
    {
        var build = new GraphBuilder("custom");
        int x = build.Input("x", DType.Float32, 4);
        build.Output("y", build.Add("noise", new Opaque("com.example", "Noise", []), x));
        string path = folder.At("custom.onnx");
        var header = ModelHeader.Empty with { Opsets = ModelHeader.Empty.Opsets.Add("", 17).Add("com.example", 1) };
        OnnxWriter.Write(new Model(build.Build(), header), path, OpRegistry.Standard());
        CliRun.Bad(4, ["noise", "com.example.Noise"], "compile", path, "-o", folder.At("out"));
        CliRun.Bad(4, ["NNC4003", "noise"], "run", path, "--input", "random", "--engine", "evaluator");
        CliRun.Good("compile", path, "--emit", "onnx", "-o", folder.At("again.onnx"));
        Assert.Contains("com.example.Noise", CliRun.Good("inspect", folder.At("again.onnx")).Out);
    }

    [Fact]
    public void An_output_that_cannot_be_written_is_a_fault()
    {
        string model = CliModels.Write(folder);
        CliRun.Bad(2, ["NNC2102"], "compile", model, "-o", Path.Combine(model, "out"));
        CliRun.Bad(2, ["NNC2102"], "compile", model, "-o", model);
        CliRun.Bad(2, ["NNC2102"], "compile", model, "--emit", "onnx", "-o", folder.At("no", "such", "folder", "m.onnx"));
        CliRun.Bad(2, ["NNC2102"], "compile", model, "--emit", "onnx", "-o", folder.Path);
        Assert.Equal(["small.onnx"], Left());
    }

    [Fact]
    public void An_interrupted_compilation_leaves_nothing()
    {
        string model = CliModels.Write(folder);
        var console = new TestConsole();
        Assert.Equal(130, Nncc.Cli.CommandLine.Run(["compile", model, "-o", folder.At("out")], console,
            new CancellationToken(canceled: true)));
        Assert.Contains("stopped", console.Error.ToString());
        Assert.Equal(130, Nncc.Cli.CommandLine.Run(["compile", model, "--emit", "onnx", "-o", folder.At("o.onnx")], console,
            new CancellationToken(canceled: true)));
        Assert.Equal(["small.onnx"], Left());
    }

    // Names in the folder, with others that need not be there.
    private IEnumerable<string> Left(params string[] more) =>
        Directory.EnumerateFileSystemEntries(folder.Path).Select(p => Path.GetFileName(p)).Concat(more).Order(StringComparer.Ordinal);
}
