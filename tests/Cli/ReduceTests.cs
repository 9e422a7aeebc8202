using Nncc.Backends;
using Nncc.Backends.Models;
using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Tests.Support;
using Nncc.Zoo;

namespace Nncc.Tests.Cli;

/// <summary>The verbs reduce and diff.</summary>
public class ReduceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_network_shrinks_to_the_nodes_that_matter()
    {
        var model = ModelZoo.Build("squeezenet1_1");
        var told = new List<string>();
        var reduction = new ModelReduction(candidate => HasPoolOfConcat(candidate.Graph), progress: told.Add);
        var small = reduction.Run(model);
        Assert.Equal(2, ModelReduction.CountNodes(small.Graph));
        Assert.True(HasPoolOfConcat(small.Graph));
        Assert.False(reduction.IsExhausted);
        Assert.InRange(reduction.Checks, 5, 120);
        Assert.NotEmpty(told);
        _ = Pipelines.Canonicalize().Run(small.Graph, new PassContext(OpRegistry.Standard())); // a graph that passes take
    }

    [Fact]
    public void A_limit_of_checks_gives_the_best_so_far()
    {
        var model = ModelZoo.Build("squeezenet1_1");
        var reduction = new ModelReduction(candidate => HasPoolOfConcat(candidate.Graph), mostChecks: 3);
        var small = reduction.Run(model);
        Assert.True(reduction.IsExhausted);
        Assert.Equal(3, reduction.Checks);
        Assert.True(HasPoolOfConcat(small.Graph));
    }

    [Fact]
    public void What_nothing_smaller_shows_stays_the_same_object()
    {
        var model = new Model(CliModels.Small(1), ModelHeader.Empty);
        Assert.Same(model, new ModelReduction(_ => false).Run(model));
    }

    [Fact]
    public void A_command_decides()
    {
        string model = CliModels.Write(folder), small = folder.At("one.onnx");
        var json = CliRun.Good("reduce", model, "--check", "! grep -q MatMul {}", "-o", small, "--json").Json;
        Assert.Equal((3, 1, 1), (json.GetProperty("nodesBefore").GetInt32(), json.GetProperty("nodes").GetInt32(),
            json.GetProperty("status").GetInt32()));
        Assert.IsType<MatMul>(Assert.Single(new Compiler().Read(small).Graph.Nodes, n => n.Op is not Constant).Op);
    }

    [Fact]
    public void Another_fault_is_no_failure_in_the_same_way()
    {
        string model = CliModels.Write(folder), small = folder.At("s.onnx");
        const string check = "if grep -q MatMul {}; then echo 'NNC1001 error: one' >&2; else echo 'NNC1002 error: other' >&2; fi; false";
        var json = CliRun.Good("reduce", model, "--check", check, "-o", small, "--json").Json;
        Assert.Equal("NNC1001", json.GetProperty("fault").GetString());
        Assert.Equal(["MatMul"], new Compiler().Read(small).Graph.Nodes.Where(n => n.Op is not Constant).Select(n => n.Op.GetType().Name));
    }

    [FactNeeding(Needs.Shared)]
    [Trait("speed", "slow")]
    public void A_wrong_fold_leaves_the_nodes_that_it_is_about()
    {
        if (OperatingSystem.IsWindows()) return;
        // As fold-batch-norm-into-conv, but that the mean is added.
        File.WriteAllText(folder.At("wrong.rules"), """
            set fold
            rule wrong-batch-norm
              match   BatchNormalization(Conv(x, w, b?, ...attrs), scale, bias, mean, var, epsilon=e, momentum=m)
              where   constant(w, b, scale, bias, mean, var)
              let     k = scale / sqrt(var + e)
              rewrite Conv(x, w * per-axis(k, 0, rank(w)), ((b ?? like(0, mean)) + mean) * k + bias, ...attrs)
              law     rounding
              before  fold-batch-norm-into-conv
            """);
        string small = folder.At("small.onnx"), program = Path.Combine(AppContext.BaseDirectory, "nncc.dll");
        string check = $"dotnet '{program}' verify {{}} --rules '{folder.Path}' --target none -q";
        var json = CliRun.Good("reduce", SharedModels.File("ultraface_rfb320"), "--check", check, "-o", small, "--json").Json;
        Assert.Equal(3, json.GetProperty("status").GetInt32());
        Assert.InRange(json.GetProperty("nodes").GetInt32(), 1, 4);
        Assert.Contains(new Compiler().Read(small).Graph.Nodes, n => n.Op is BatchNormalization);
    }

    [Fact]
    public void A_command_that_does_not_fail_is_no_check()
    {
        string model = CliModels.Write(folder), small = folder.At("one.onnx");
        CliRun.Bad(1, ["NNC7003", "does not fail"], "reduce", model, "--check", "true", "-o", small);
        CliRun.Bad(1, ["NNC7003", "does not end"], "reduce", model, "--check", "sleep 20;", "--timeout", "1", "-o", small);
        CliRun.Bad(1, ["NNC7001"], "reduce", model, "--check", "false", "--checks", "0", "-o", small);
        Assert.False(File.Exists(small));
    }

    [Fact]
    public void Diff_finds_work_and_not_names()
    {
        string model = CliModels.Write(folder);
        var graph = CliModels.Small(1);
        var edit = new GraphEdit(graph);
        foreach (var node in graph.Nodes) edit.Rename(node.Outputs[0], $"other{node.Id}");
        string renamed = CliModels.Write(folder, edit.Freeze(), "renamed.onnx");
        var json = CliRun.Good("diff", model, renamed, "--json").Json;
        Assert.Equal(3, json.GetProperty("same").GetInt32());
        Assert.Empty(json.GetProperty("changes").EnumerateArray());
        Assert.Equal(0, CliRun.Of("diff", model, renamed, "--exit-code").Exit);
    }

    [Fact]
    public void Diff_says_what_is_another_and_where()
    {
        string model = CliModels.Write(folder);
        var graph = CliModels.Small(1);
        var edit = new GraphEdit(graph);
        var sum = graph.Nodes.Single(n => n.Op is Add);
        edit.Change(sum, sum.Op, [sum.Inputs[0], edit.AddConstant(Tensor.Vector(0.5f, -0.25f, 1f), before: sum)]);
        var relu = graph.Nodes.Single(n => n.Op is Relu);
        var leaky = edit.Insert(new LeakyRelu(0.5f), [relu.Inputs[0]], Provenance.Merge([relu.Origin], "leak"));
        edit.ReplaceValue(relu.Outputs[0], leaky.Outputs[0]);
        edit.Erase(relu);
        string other = CliModels.Write(folder, edit.Freeze(), "other.onnx");
        var run = CliRun.Of("diff", model, other, "--exit-code");
        Assert.Equal(3, run.Exit);
        Assert.Contains("Add \"sum\": B: 1 of 3 elements differ, by at most 0.25", run.Out);
        Assert.Contains("Relu \"relu\"  ->  LeakyRelu \"relu\"", run.Out);
        Assert.Contains("1 nodes are the same, 2 places differ", run.Out);
    }

    [Fact]
    public void Diff_says_what_the_outside_sees()
    {
        string open = CliModels.WriteOpen(folder);
        string text = CliRun.Good("diff", CliModels.Write(folder), open).Out;
        Assert.Contains("input \"x\" was f32[1x4] and is f32[batch,4]", text);
        Assert.Contains("output \"y\" was f32[1x3] and is f32[batch,3]", text);
    }

    private static bool HasPoolOfConcat(Graph graph) =>
        graph.Nodes.Any(n => n.Op is MaxPool && graph.Producer(n.Inputs[0])?.Op is Concat);
}
