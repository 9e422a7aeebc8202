using Nncc.IR.Text;
using Nncc.Passes;
using Nncc.Passes.Rules;
using Nncc.Tests.Laws;
using Nncc.Tests.Support;

namespace Nncc.Tests.Rules;

/// <summary>Rules together: what comes out does not depend on the order of files; options choose among them.</summary>
public class RuleSetTests
{
    private static readonly OpRegistry Ops = OpRegistry.Standard();

    private static readonly (string File, string Text)[] Files = [.. Directory
        .EnumerateFiles(Repository.Under("rules"), "*.rules", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(path => (path, File.ReadAllText(path)))];

    [Fact]
    public void The_order_of_files_does_not_matter()
    {
        var straight = RuleLibrary.Parse(Files, Ops, RuleFunctions.Standard());
        var turned = RuleLibrary.Parse(Files.Reverse(), Ops, RuleFunctions.Standard());
        Assert.Equal(straight.Rules.Select(r => r.Id), turned.Rules.Select(r => r.Id));
        for (int seed = 0; seed < 20; seed++)
        {
            var graph = RandomGraph.Of(seed).Graph;
            Assert.Equal(Printer.Print(Optimized(graph, straight, new()), Ops), Printer.Print(Optimized(graph, turned, new()), Ops));
            graph = RuleGraph.Of(straight, seed).Graph;
            Assert.Equal(Printer.Print(Optimized(graph, straight, new()), Ops), Printer.Print(Optimized(graph, turned, new()), Ops));
        }
    }

    [Fact]
    public void The_rules_of_the_folder_are_built_in() =>
        Assert.Equal(RuleLibrary.Parse(Files, Ops, RuleFunctions.Standard()).Rules.Select(r => $"{r}"),
            RuleLibrary.Standard(Ops).Rules.Select(r => $"{r}"));

    [Fact]
    public void Options_choose_among_rules()
    {
        var library = RuleLibrary.Standard(Ops);
        var graph = Chain();
        Assert.Equal(["Relu"], Names(Optimized(graph, library, new())));
        Assert.Equal(["Relu", "Identity", "Mul"], Names(Optimized(graph, library, new() { Level = 0 })));
        Assert.Equal(["Relu", "Identity", "Mul"], Names(Optimized(graph, library, new() { Disabled = ["drop-identity", "drop-mul-one"] })));
        Assert.Equal(["Relu", "Identity"], Names(Optimized(graph, library, new() { Disabled = ["drop-identity"] })));
        Assert.Equal(["Relu", "Mul"], Names(Optimized(graph, library, new() { Only = ["canonical/drop-identity"] })));
        Assert.Throws<NnccException>(() => Optimized(graph, library, new() { Only = ["drop-idendity"] }));
    }

    [Fact]
    public void Names_of_outputs_stay_and_new_nodes_say_where_they_come_from()
    {
        var build = new GraphBuilder("outputs");
        int x = build.Input("x", DType.Float32, 2, 3);
        int q = build.Add("q", new IR.Ops.Transpose(new long[] { 1, 0 }.ToEquatable()), x);
        int relu = build.Add("relu", new IR.Ops.Relu(), q);
        build.Output("y", build.Add("p", new IR.Ops.Neg(), relu));
        var after = Optimized(build.Build(), RuleLibrary.Standard(Ops), new());
        Assert.Equal("y", after.Outputs[0].Name);
        var root = after.Producer(after.Outputs[0].Value)!;
        Assert.IsType<IR.Ops.Transpose>(root.Op);
        Assert.Contains("transpose-after-neg", root.Origin.Steps);
        Assert.Contains("p", root.Origin.Nodes);
    }

    private static Graph Chain()
    {
        var build = new GraphBuilder("chain");
        int x = build.Input("x", DType.Float32, 2, 3);
        int relu = build.Add("relu", new IR.Ops.Relu(), x);
        int same = build.Add("same", new IR.Ops.Identity(), relu);
        build.Output("y", build.Add("times", new IR.Ops.Mul(), same, build.Constant("one", Tensor.Scalar(1f))));
        return build.Build();
    }

    private static string[] Names(Graph graph) => [.. graph.Nodes.Where(n => n.Op is not IR.Ops.Constant).Select(n => n.Op.Name)];

    private static Graph Optimized(Graph graph, RuleLibrary library, CompileOptions options) =>
        Pipelines.Optimize(options, library).Run(graph, new PassContext(Ops) { Options = options });
}
