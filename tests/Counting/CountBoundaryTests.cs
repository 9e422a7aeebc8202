using Nncc.Backends.Models;
using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.IR.Text;
using Nncc.Passes.Counting;
using Nncc.Tests.Cli;
using Nncc.Tests.Support;

namespace Nncc.Tests.Counting;

/// <summary>Counting where models are open, odd, quantized or wrong.</summary>
public class CountBoundaryTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Open_sizes_are_a_fault_that_names_them_or_a_polynomial()
    {
        string model = CliModels.WriteOpen(folder);
        CliRun.Bad(2, ["NNC3101", "\"batch\"", "--dim batch=1"], "count", model);
        Assert.Equal("12*batch", CliRun.Good("count", model, "--symbolic", "--json").Json.GetProperty("macs").GetString());
        Assert.Equal(24, CliRun.Good("count", model, "--dim", "batch=2", "--json").Json.GetProperty("macs").GetInt64());
        Assert.Equal(36, CliRun.Good("count", model, "--input", "x=3x4", "--json").Json.GetProperty("macs").GetInt64());
    }

    [Fact]
    public void A_polynomial_agrees_with_the_count_of_bound_sizes()
    {
        Dim height = Dim.Symbol("H", 1), width = Dim.Symbol("W", 1);
        Graph Make(Dim h, Dim w)
        {
            var b = new Layers();
            int x = b.Conv("conv", b.Input("x", Dim.Symbol("N"), 3, h, w), 8, 3, stride: 2, pad: 1);
            return b.Build(b.Add("pool", new GlobalAveragePool(), b.Add("relu", new Relu(), x)));
        }
        var open = ModelCounter.Count(Make(height, width), new CountOptions { IsSymbolic = true }).Totals;
        var sizes = new Dictionary<string, Dim> { ["N"] = 3, ["H"] = 17, ["W"] = 20 };
        var bound = ModelCounter.Count(Make(17, 20), new CountOptions { IsSymbolic = true }).Totals;
        Assert.Equal(3 * 9 * 10 * 8 * 27, open.Macs.Substitute(sizes).Value);
        foreach (var figure in new Func<CountTotals, Dim>[] { t => t.Macs, t => t.Arithmetic, t => t.Bytes, t => t.Activations })
            Assert.Equal(figure(bound).Substitute(sizes).Value, figure(open).Substitute(sizes).Value);
    }

    [Fact]
    public void An_unknown_op_is_a_gap_and_never_a_zero()
    {
        var build = new GraphBuilder("odd");
        int x = build.Input("x", DType.Float32, 4);
        int odd = build.Add("odd", new Opaque("vendor", "Odd", []), build.Add("relu", new Relu(), x));
        build.Output("y", build.Add("after", new Relu(), odd));
        string model = CliModels.Write(folder, build.Build(), "odd.onnx");
        var json = CliRun.Good("count", model, "--json").Json;
        Assert.Equal(1, json.GetProperty("nodes").GetInt32());
        Assert.Equal(["Relu", "vendor.Odd"], json.GetProperty("uncounted").EnumerateArray().Select(u => u.GetProperty("op").GetString()!)
            .Order(StringComparer.Ordinal));
        Assert.Contains("uncounted: 2 of 3 nodes (66.7 %)", CliRun.Good("count", model).Out);
        CliRun.Bad(4, ["NNC3102", "vendor.Odd"], "count", model, "--strict");
    }

    [Fact]
    public void A_layout_that_does_not_fit_is_a_fault()
    {
        var build = new GraphBuilder("nchw");
        int x = build.Input("x", DType.Float32, 1, 3, Dim.Symbol("H"), Dim.Symbol("W"));
        build.Output("y", build.Add("conv", new Conv(), x, build.Constant("w", Tensor.Of([8, 3, 3, 3], new float[216]))));
        CliRun.Bad(1, ["NNC3005", "axis 1"], "count", CliModels.Write(folder, build.Build(), "nchw.onnx"), "--input", "x=1x160x160x3");
        // Where the input does not say how many channels it has, the op does.
        build = new GraphBuilder("open");
        x = build.Input("x", DType.Float32, 1, Dim.Symbol("C"), Dim.Symbol("H"), Dim.Symbol("W"));
        build.Output("y", build.Add("conv", new Conv(), x, build.Constant("w", Tensor.Of([8, 3, 3, 3], new float[216]))));
        CliRun.Bad(2, ["NNC1002", "conv"], "count", CliModels.Write(folder, build.Build(), "open.onnx"), "--input", "x=1x160x160x3");
    }

    [Fact]
    public void Products_of_integers_are_counted_apart()
    {
        var b = new Layers();
        int x = b.Input("x", DType.UInt8, 1, 3, 8, 8), w = b.Weights("w", DType.Int8, 4, 3, 3, 3);
        var count = b.Count(b.Add("conv", new ConvInteger(), x, w));
        Assert.Equal((0, 4 * 36 * 27), (count.Totals.Macs.Value, count.Totals.IntegerMacs.Value));
        Assert.Equal(108, count.Parameters.Weights);
        Assert.Equal(0, count.Totals.Flops.Value);
    }

    [Fact]
    public void Of_two_branches_the_more_expensive_one_counts()
    {
        var count = ModelCounter.Count(Parse("""
            nnir 1
            graph "branches" {
              input %0 "cond" bool[]
              input %1 "x" f32[2x4]
              input %2 "w" f32[4x3]
              %3 = If(%0, %1, %2; then_branch=graph "then" {
                input %0 "x" f32[2x4]
                input %1 "w" f32[4x3]
                %2 = MatMul(%0, %1) "product" f32[2x3] @"product"
                output "y" %2
              }, else_branch=graph "else" {
                input %0 "x" f32[2x4]
                input %1 "w" f32[4x3]
                %2 = MatMul(%0, %1) "product" f32[2x3] @"product"
                %3 = Relu(%2) "relu" f32[2x3] @"relu"
                output "y" %3
              }, captures=2) "y" f32[2x3] @"choice"
              output "y" %3
            }
            """));
        Assert.Equal((24, 6), (count.Totals.Macs.Value, count.Totals.Arithmetic.Value));
        Assert.Equal(["choice/product", "choice/relu"], count.Rows.Select(r => r.Name));
    }

    [Fact]
    public void Branches_whose_work_depends_on_open_sizes_count_as_the_larger_figures_and_keep_their_gaps()
    {
        var graph = Parse("""
            nnir 1
            graph "open" {
              input %0 "cond" bool[]
              input %1 "a" f32[N,4]
              input %2 "w" f32[4x3]
              %3 = If(%0, %1, %2; then_branch=graph "then" {
                input %0 "x" f32[N,4]
                input %1 "w" f32[4x3]
                %2 = MatMul(%0, %1) "product" f32[N,3] @"product"
                %3 = opaque "vendor" "Odd"(%2) "odd" f32[N,3] @"odd"
                output "y" %3
              }, else_branch=graph "else" {
                input %0 "x" f32[N,4]
                input %1 "w" f32[4x3]
                %2 = Add(%1, %1) "sum" f32[4x3] @"sum"
                %3 = ReduceSum(%2, _) "all" f32[1x1] @"all"
                %4 = Add(%0, %3) "moved" f32[N,4] @"moved"
                output "y" %4
              }, captures=2) "y" f32[*] @"choice"
              output "y" %3
            }
            """);
        var count = ModelCounter.Count(graph, new CountOptions { IsSymbolic = true });
        Assert.Equal("12*N", count.Totals.Macs.ToString());
        Assert.Equal("vendor.Odd", Assert.Single(count.Uncounted).Op);
    }

    [Fact]
    public void Ifs_in_ifs_are_counted_once_each()
    {
        // Nested 40 deep: whoever counts a branch twice counts 2^40 times.
        var graph = Product();
        for (int depth = 0; depth < 40; depth++)
        {
            var edit = new GraphEdit($"level{depth}");
            int condition = edit.AddInput("cond", new TensorType(DType.Bool, Shape.Scalar));
            int x = edit.AddInput("x", new TensorType(DType.Float32, Shape.Of(2, 2)));
            var choice = edit.Insert(new If(graph, Product(), Captures: 2), [condition, condition, x], Provenance.Of("if"), ["y"]);
            edit.AddOutput("y", choice.Outputs[0]);
            graph = edit.Freeze();
        }
        Assert.Equal(8, ModelCounter.Count(graph).Totals.Macs.Value);

        static Graph Product()
        {
            var edit = new GraphEdit("product");
            edit.AddInput("cond", new TensorType(DType.Bool, Shape.Scalar));
            int x = edit.AddInput("x", new TensorType(DType.Float32, Shape.Of(2, 2)));
            edit.AddOutput("y", edit.Insert(new MatMul(), [x, x], Provenance.Of("product"), ["y"]).Outputs[0]);
            return edit.Freeze();
        }
    }

    [Fact]
    public void A_loop_counts_as_often_as_it_runs_and_asks_where_the_model_does_not_say()
    {
        const string text = """
            nnir 1
            graph "loop" {
              input %0 "m" i64[]
              input %1 "x" f32[4x4]
              %2 = Constant(value=i64[]{7}) "seven"
              %3 = Loop(MOST, _, %1, %1; body=graph "body" {
                input %0 "i" i64[]
                input %1 "c" bool[]
                input %2 "state" f32[4x4]
                input %3 "w" f32[4x4]
                %4 = MatMul(%2, %3) "product" f32[4x4] @"product"
                output "c" %1
                output "next" %4
              }, captures=1) "final" f32[4x4] @"again"
              output "y" %3
            }
            """;
        Assert.Equal(7 * 64, ModelCounter.Count(Parse(text.Replace("MOST", "%2"))).Totals.Macs.Value);
        var open = Parse(text.Replace("MOST", "%0"));
        var fault = Assert.Throws<NnccException>(() => ModelCounter.Count(open));
        Assert.Contains("--trips again=N", fault.Message);
        var options = new CountOptions();
        Assert.Equal(640, ModelCounter.Count(open, options with { Trips = options.Trips.Add("again", 10) }).Totals.Macs.Value);
        Assert.Equal(320, ModelCounter.Count(open, options with { Trips = options.Trips.Add("", 5) }).Totals.Macs.Value);
        var wrong = Assert.Throws<NnccException>(() => ModelCounter.Count(open, options with { Trips = options.Trips.Add("agan", 5) }));
        Assert.Contains("did you mean \"again\"?", wrong.Message);
        Assert.Contains("trips:again", ModelCounter.Count(open, options with { IsSymbolic = true }).Totals.Macs.ToString());
    }

    [Fact]
    public void Data_beside_the_model_that_is_absent_is_not_missed()
    {
        var build = new GraphBuilder("large");
        int x = build.Input("x", DType.Float32, 1, 100), w = build.Constant("w", Tensor.Of([100, 100], new float[10_000]));
        build.Output("y", build.Add("product", new MatMul(), x, w));
        CliRun.Good("compile", CliModels.Write(folder, build.Build(), "large.onnx"), "--emit", "onnx", "--external-data", "-o",
            folder.At("external.onnx"), "-q");
        File.Delete(folder.At("external.onnx.data"));
        var json = CliRun.Good("count", folder.At("external.onnx"), "--json").Json;
        Assert.Equal((10_000, 10_000), (json.GetProperty("macs").GetInt64(),
            json.GetProperty("parameters").GetProperty("trainable").GetInt64()));
        CliRun.Bad(2, ["absent"], "inspect", folder.At("external.onnx"));
    }

    [Fact]
    public void Odd_windows_and_sizes()
    {
        Assert.Contains("NNC1004", Assert.Throws<NnccException>(() => Conv([1, 1, 20], [1, 1, 5], new Conv(Pads: [-1, 0]))).Message);
        Assert.Equal(10 * 5, Conv([1, 1, 20], [1, 1, 5], new Conv(AutoPad: AutoPad.SameUpper, Strides: [2])));
        Assert.Equal(10 * 5, Conv([1, 1, 20], [1, 1, 5], new Conv(AutoPad: AutoPad.SameLower, Strides: [2])));
        Assert.Equal(2 * (2 * 3 * 4) * 5 * 8, Conv([1, 5, 3, 4, 5], [2, 5, 2, 2, 2], new Conv()));
        Assert.Equal(0, Conv([0, 3, 8, 8], [4, 3, 3, 3], new Conv()));
        Assert.Equal(36 * 9 * 6, Conv([1, 6, 8, 8], [6, 1, 3, 3], new Conv(Group: 6)));
        Assert.Contains("NNC1002", Assert.Throws<NnccException>(() => Conv([1, 6, 8, 8], [6, 2, 3, 3], new Conv(Group: 4))).Message);

        var b = new Layers();
        var einsum = b.Count(b.Add("einsum", new Einsum("bhid,bhjd->bhij"), b.Input("q", 2, 3, 5, 7), b.Input("k", 2, 3, 4, 7)));
        Assert.Equal(2 * 3 * 5 * 4 * 7, einsum.Totals.Macs.Value);
    }

    [Fact]
    public void A_count_beyond_64_bits_is_a_fault()
    {
        var b = new Layers();
        int x = b.Input("x", 1L << 20, 1L << 20), y = b.Input("y", 1L << 20, 1L << 20);
        for (int i = 0; i < 16; i++) x = b.Add($"product{i}", new MatMul(), x, y);
        Assert.Contains("NNC1005", Assert.Throws<NnccException>(() => b.Count(x)).Message);
    }

    [Fact]
    public void What_training_set_counts_where_it_stands_in_attributes()
    {
        var b = new Layers();
        var op = new LinearRegressor(Coefficients: new float[24].ToEquatable(), Intercepts: new float[3].ToEquatable(), Targets: 3);
        var count = b.Count(b.Add("linear", op, b.Input("x", 5, 8)));
        Assert.Equal((24, 3, 27), (count.Parameters.Weights, count.Parameters.Biases, count.Rows[0].Parameters));
        Assert.Equal(5 * 24, count.Totals.Macs.Value);
    }

    [Fact]
    public void A_graph_of_100000_nodes_takes_seconds()
    {
        var b = new Layers();
        int x = b.Input("x", 1, 8, 4, 4);
        for (int i = 0; i < 50_000; i++) x = b.Add($"add{i}", new Add(), b.Add($"relu{i}", new Relu(), x), x);
        var graph = b.Build(x);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal(100_000 * 128, ModelCounter.Count(graph).Totals.Arithmetic.Value);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
    }

    [Fact]
    public void Rows_add_up_to_totals_in_each_grouping()
    {
        string model = CliModels.Write(folder);
        foreach (string grouping in new[] { "--per-node", "--by-op", "--by-block" })
        {
            var json = CliRun.Good("count", model, grouping, "--json").Json;
            foreach (string figure in new[] { "macs", "otherOperations", "bytesRead", "activations" })
                Assert.Equal(json.GetProperty(figure).GetInt64(),
                    json.GetProperty("rows").EnumerateArray().Sum(row => row.GetProperty(figure).GetInt64()));
        }
        Assert.Equal(2, CliRun.Good("count", model, "--per-node", "--csv", "--top", "1").Out.TrimEnd().Split('\n').Length);
        CliRun.Bad(1, ["NNC7001", "--per-node"], "count", model, "--per-node", "--by-op");
        CliRun.Bad(1, ["NNC7102", "fvcore"], "count", model, "--as", "fvcor");
        CliRun.Bad(1, ["NNC7001", "--top"], "count", model, "--top", "0");
        CliRun.Bad(1, ["NNC7102"], "count", model, "--stage", "nowhere");
    }

    [Fact]
    public void What_compiling_saves_is_seen_before_and_after()
    {
        string model = CliModels.Write(folder);
        var stages = CliRun.Good("count", model, "--before-after", "--json").Json.GetProperty("stages").EnumerateArray().ToList();
        Assert.Equal(StageCounts.Stages, stages.Select(s => s.GetProperty("stage").GetString()!));
        Assert.True(stages[2].GetProperty("bytes").GetInt64() < stages[0].GetProperty("bytes").GetInt64());
        Assert.True(stages[2].GetProperty("arenaBytes").GetInt64() >= 0);
        Assert.Equal(stages[0].GetProperty("macs").GetInt64(), stages[2].GetProperty("macs").GetInt64());
    }

    private static Graph Parse(string text) => Parser.Parse(text, OpRegistry.Standard());

    private static long Conv(long[] x, long[] w, Conv conv)
    {
        var b = new Layers();
        return b.Count(b.Add("conv", conv, b.Input("x", [.. x.Select(Dim.Of)]), b.Weights("w", w))).Totals.Macs.Value!.Value;
    }
}
