using Nncc.Backends;
using Nncc.IR.Onnx;
using Nncc.IR.Ops;
using Nncc.IR.Text;
using Nncc.Passes;
using Nncc.Passes.Transforms;
using Nncc.Tests.Graphs;
using Nncc.Tests.Support;

namespace Nncc.Tests.Passes;

public class PipelineTests
{
    private static readonly OpRegistry Ops = OpRegistry.Standard();

    [Fact]
    public void A_pass_that_breaks_a_graph_leaves_a_file_that_shows_it_again()
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("broken.nnir");
        var graph = GraphEditTests.Chain(3);
        var pipeline = new Pipeline("test", new DeadCodeElimination(), new Faulty(g => Break(g)));
        var fault = Assert.Throws<InternalFault>(() => pipeline.Run(graph, new PassContext(Ops) { ReproducerPath = path }));
        Assert.Equal("faulty", fault.Pass);
        Assert.Equal(path, fault.Reproducer);
        Assert.Contains("faulty", fault.Message, StringComparison.Ordinal);
        Assert.Contains(path, fault.Message, StringComparison.Ordinal);
        Assert.Contains(fault.Faults, f => f.Message.Contains("used before", StringComparison.Ordinal));
        Assert.Equal("passes", CaseFile.Read(path).Command);
        Assert.Equal("faulty", CaseFile.Read(path).Argument);
        GraphAssert.Identical(graph, Parser.Parse(File.ReadAllText(path), Ops));
    }

    [Fact]
    public void A_pass_that_throws_is_named_with_its_cause()
    {
        var cause = new InvalidOperationException("oops");
        var fault = Assert.Throws<InternalFault>(() => Run(new Faulty(_ => throw cause)));
        Assert.Same(cause, fault.InnerException);
        Assert.Equal("internal error in pass faulty: oops", fault.Message);
        Assert.Null(fault.Reproducer);
    }

    [Theory, InlineData("c64"), InlineData("c128"), InlineData("string")]
    public void Rules_apply_to_values_that_are_no_numbers(string dtype)
    {
        var graph = Parser.Parse($$"""
            nnir 1
            graph "g" {
              input %0 "x" {{dtype}}[2,3]
              %1 = Transpose(%0; perm=[1, 0]) "t"
              %2 = Transpose(%1; perm=[1, 0]) "u"
              output "u" %2
            }
            """, Ops);
        var result = new Compiler().Canonicalize(new Model(graph, ModelHeader.Empty)).Graph;
        Assert.Empty(result.Nodes);
    }

    [Fact]
    public void A_reproducer_that_cannot_be_written_hides_nothing()
    {
        using var folder = new TemporaryFolder();
        var context = new PassContext(Ops) { ReproducerPath = folder.At("no", "such", "folder.nnir") };
        var fault = Assert.Throws<InternalFault>(() => new Pipeline("test", new Faulty(_ => throw new InvalidOperationException("oops")))
            .Run(GraphEditTests.Chain(1), context));
        Assert.Contains("oops", fault.Message, StringComparison.Ordinal);
        Assert.Contains("could not be written", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Faults_of_the_user_and_cancellation_pass_through()
    {
        Assert.Throws<NnccException>(() => Run(new Faulty(_ => throw new NnccException(FaultCodes.Binding, "no"))));
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => new Pipeline("test", new DeadCodeElimination())
            .Run(GraphEditTests.Chain(1), new PassContext(Ops) { Cancellation = source.Token }));
    }

    [Fact]
    public void A_graph_that_does_not_verify_is_the_callers_fault() =>
        Assert.Throws<NnccException>(() => new Pipeline("test").Run(Break(GraphEditTests.Chain(3)), new PassContext(Ops)));

    [Fact]
    public void Each_pass_is_reported_with_its_steps()
    {
        var reports = new List<PassReport>();
        var edit = new GraphEdit(GraphEditTests.Chain(2));
        edit.Insert(new Neg(), [0], Provenance.None);
        edit.Insert(new Neg(), [0], Provenance.None);
        var graph = edit.Freeze();
        new Pipeline("test", new DeadCodeElimination(), new ConstantFolding()) { Observe = reports.Add }.Run(graph, new PassContext(Ops));
        Assert.Equal(["dead-code-elimination", "constant-folding"], reports.Select(r => r.Pass.Name));
        Assert.Equal([2, 0], reports.Select(r => r.Steps));
        Assert.Same(graph, reports[0].Before);
        Assert.Same(reports[1].Before, reports[1].After);
    }

    [Fact]
    public void Steps_are_numbered_over_all_passes_and_stop_at_the_limit()
    {
        var log = new StepLog(limit: 1);
        var edit = new GraphEdit(GraphEditTests.Chain(2));
        edit.Insert(new Neg(), [0], Provenance.None);
        edit.Insert(new Neg(), [0], Provenance.None);
        var after = new Pipeline("test", new DeadCodeElimination(), new DeadCodeElimination())
            .Run(edit.Freeze(), new PassContext(Ops) { Steps = log });
        Assert.Equal(1, log.Count);
        Assert.True(log.IsExhausted);
        Assert.Equal(3, after.Nodes.Length);
    }

    [Fact]
    public void Names_of_passes_are_unique_in_a_pipeline_and_in_kebab_case()
    {
        var names = Pipelines.Canonicalize().Passes.Select(p => p.Name).ToArray();
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.All([.. PassCases.All, .. Pipelines.Canonicalize().Passes], p =>
        {
            Assert.Matches("^[a-z]+(-[a-z]+)*$", p.Name);
            Assert.NotEmpty(p.Summary);
        });
    }

    [Fact]
    public void Random_ops_are_neither_folded_nor_merged()
    {
        Assert.False(Repeatability.IsRepeatable(new Opaque("d", "Thing", [])));
        foreach (var definition in Ops.Definitions.Where(d => d.Name.StartsWith("Random", StringComparison.Ordinal) && !d.IsLegacy))
            Assert.All(Laws.OpCase.All.Where(c => c.Op.Name == definition.Name), c =>
                Assert.False(Repeatability.IsRepeatable(c.Op), c.Op.Name));
    }

    private static Graph Run(IPass pass) => new Pipeline("test", pass).Run(GraphEditTests.Chain(1), new PassContext(Ops));

    private static Graph Break(Graph graph) => new(graph.Name, graph.Stage, graph.Inputs, graph.Outputs, [.. graph.Nodes.Reverse()],
        [.. Enumerable.Range(0, graph.NextValue).Select(v => graph[v])], graph.NextNode);

    private sealed class Faulty(Func<Graph, Graph> run) : IPass
    {
        public string Name => "faulty";

        public string Summary => "Does what a test wants.";

        public Graph Run(Graph graph, PassContext context) => run(graph);
    }
}
