using System.Collections.Immutable;
using Nncc.IR.Text;
using Nncc.Passes;
using Nncc.Passes.Rules;
using Nncc.Tests.Support;

namespace Nncc.Tests.Laws;

/// <summary>
/// What holds for every pass: the graph verifies and means the same afterwards, also when its steps are cut off anywhere; doing it
/// again changes nothing, which means the same object; inputs and outputs stay; the result reads back from text.
/// </summary>
public class PassLaws
{
    private const int Graphs = 60;
    private static readonly OpRegistry Ops = OpRegistry.Standard();
    private static readonly RuleLibrary Library = RuleLibrary.Standard(Ops);

    public static TheoryData<string> Names => [.. PassCases.All.Select(p => p.Name), "canonicalize", "optimize"];

    [Theory, MemberData(nameof(Names))]
    public void MeaningIsKept(string name)
    {
        for (int seed = 0; seed < Graphs; seed++)
        {
            var (graph, inputs) = RandomGraph.Of(seed);
            var expected = RandomGraph.Run(graph, inputs);
            long steps = Check(name, graph, inputs, expected, long.MaxValue, seed);
            if (steps > 1) Check(name, graph, inputs, expected, new Random(seed).NextInt64(1, steps), seed);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void TheSecondTimeNothingChanges(string name)
    {
        for (int seed = 0; seed < Graphs; seed++)
        {
            var (graph, _) = RandomGraph.Of(seed);
            var once = Run(name, graph, new StepLog());
            var log = new StepLog();
            var twice = Run(name, once, log);
            Assert.True(ReferenceEquals(once, twice),
                $"seed {seed}: {log.Count} steps\n{TextDifference.Show(Printer.Print(once, Ops), Printer.Print(twice, Ops))}");
            Assert.Equal(0, log.Count);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void EachStepIsHeardOf(string name)
    {
        for (int seed = 0; seed < Graphs / 4; seed++)
        {
            var (graph, _) = RandomGraph.Of(seed);
            var silent = new StepLog();
            var listener = new Listener();
            string expected = Printer.Print(Run(name, graph, silent), Ops);
            Assert.Equal(expected, Printer.Print(Run(name, graph, new StepLog(listener: listener)), Ops));
            Assert.Equal(silent.Count, listener.Steps.Count);
            Assert.Equal(Enumerable.Range(1, listener.Steps.Count).Select(n => (long)n), listener.Steps.Select(s => s.Number));
            Assert.All(listener.Steps, step => Assert.NotEmpty(step.Pass));
        }
    }

    [Fact]
    public void GeneratedGraphsHaveWhatPassesLookFor()
    {
        var steps = new SortedSet<string>();
        for (int seed = 0; seed < Graphs; seed++)
        {
            var listener = new Listener();
            Pipelines.Canonicalize().Run(RandomGraph.Of(seed).Graph, new PassContext(Ops) { Steps = new StepLog(listener: listener) });
            steps.UnionWith(listener.Steps.Select(s => s.Name));
        }
        string[] needed =
            ["fold", "known-sizes", "common-subexpression", "dead-node", "type-of-body-input", "unused-result", "unused-capture",
                "unused-body-output",
                "constant-condition"];
        Assert.Empty(needed.Except(steps));
    }

    private static long Check(string name, Graph graph, ImmutableArray<Datum?> inputs, ImmutableArray<Datum> expected, long limit, int seed)
    {
        var log = new StepLog(limit);
        var after = Run(name, graph, log);
        if (log.Count == 0) Assert.Same(graph, after);
        Assert.Equal(graph.Inputs.Select(i => graph[i.Value].Name), after.Inputs.Select(i => after[i.Value].Name));
        Assert.Equal(graph.Outputs.Select(o => o.Name), after.Outputs.Select(o => o.Name));
        var actual = RandomGraph.Run(after, inputs);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Same(expected[i], actual[i]),
                $"seed {seed}, limit {limit}: output \"{graph.Outputs[i].Name}\" differs\n{Printer.Print(after, Ops)}");
        GraphAssert.Identical(after, Parser.Parse(Printer.Print(after, Ops), Ops));
        return log.Count;
    }

    private static Graph Run(string name, Graph graph, StepLog log)
    {
        // Without rules that round otherwise: the same bits are expected.
        var options = new CompileOptions { StrictFloat = true };
        var pipeline = name switch
        {
            "canonicalize" => Pipelines.Canonicalize(),
            "optimize" => Pipelines.Optimize(options, Library),
            _ => new Pipeline("law", PassCases.All.Single(p => p.Name == name)),
        };
        return pipeline.Run(graph, new PassContext(Ops) { Steps = log, Options = options });
    }

    private static bool Same(Datum a, Datum b) => (a, b) switch
    {
        (Tensor x, Tensor y) => x.Equals(y),
        (SequenceDatum x, SequenceDatum y) =>
            x.Items.Length == y.Items.Length && x.Items.Zip(y.Items).All(pair => Same(pair.First, pair.Second)),
        (OptionalDatum { Item: null }, OptionalDatum { Item: null }) => true,
        (OptionalDatum { Item: { } x }, OptionalDatum { Item: { } y }) => Same(x, y),
        (MapDatum x, MapDatum y) => x.Keys.Equals(y.Keys) && Same(x.Values, y.Values),
        _ => false,
    };

    private sealed class Listener : IStepListener
    {
        public List<Step> Steps { get; } = [];

        public void Stepped(Step step) => Steps.Add(step);

        public void Refused(Refusal refusal) => Assert.NotEmpty(refusal.Reason);
    }
}
