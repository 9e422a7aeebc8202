using Nncc.IR.Text;
using Nncc.Passes;
using Nncc.Passes.Rules;
using Nncc.Passes.Rules.Checking;
using Nncc.Tests.Support;
using Graph = Nncc.IR.Graph;

namespace Nncc.Tests.Rules;

/// <summary>
/// All rules together, over graphs in which their patterns meet: what comes out means the same, is the same for any order of the nodes, and
/// a second time changes nothing.
/// </summary>
public class RuleInteractionTests
{
    private const int Graphs = 60;

    private static readonly OpRegistry Ops = OpRegistry.Standard();
    private static readonly RuleLibrary Library = RuleLibrary.Standard(Ops);

    [Fact]
    public void The_order_of_nodes_does_not_matter()
    {
        var wrong = new List<string>();
        for (int seed = 0; seed < Graphs; seed++)
        {
            var (graph, _) = RuleGraph.Of(Library, seed);
            var values = new Interned();
            Graph straight = Optimized(graph), turned = Optimized(RuleGraph.Reordered(graph, seed));
            if (!values.Outputs(straight).SequenceEqual(values.Outputs(turned)))
                wrong.Add($"seed {seed}\n{TextDifference.Show(Printer.Print(straight, Ops), Printer.Print(turned, Ops))}");
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {Graphs}\n{string.Join('\n', wrong)}");
    }

    [Fact]
    public void The_second_time_nothing_changes()
    {
        for (int seed = 0; seed < Graphs; seed++)
        {
            var once = Optimized(RuleGraph.Of(Library, seed).Graph);
            var twice = Optimized(once);
            Assert.True(ReferenceEquals(once, twice),
                $"seed {seed}\n{TextDifference.Show(Printer.Print(once, Ops), Printer.Print(twice, Ops))}");
        }
    }

    [Fact]
    public void The_meaning_stays()
    {
        int fired = 0, compared = 0;
        for (int seed = 0; seed < Graphs; seed++)
        {
            var (graph, inputs) = RuleGraph.Of(Library, seed);
            var log = new StepLog();
            var after = Optimized(graph, log);
            fired += log.Counts.Count(c => c.Key.Contains('/'));
            var (left, scale) = SideEvaluation.Evaluate(graph, inputs, isWide: true);
            if (left.IsDefault) continue;
            var (right, other) = SideEvaluation.Evaluate(after, inputs, isWide: true);
            Assert.False(right.IsDefault, $"seed {seed}");
            // Of several roundings of constants.
            string? difference = SideEvaluation.Difference(left, right, RuleLaw.Rounding, 10 * Math.Max(scale, other));
            Assert.True(difference is null, $"seed {seed}: {difference}\n{Printer.Print(graph, Ops)}{Printer.Print(after, Ops)}");
            compared++;
        }
        Assert.InRange(compared, Graphs / 2, Graphs);
        Assert.InRange(fired, 2 * Graphs, int.MaxValue);
    }

    private static Graph Optimized(Graph graph, StepLog? log = null) =>
        Pipelines.Optimize(new(), Library).Run(graph, new PassContext(Ops) { Steps = log ?? new StepLog() });

    // Values of several graphs by what they are computed from.
    private sealed class Interned
    {
        private readonly Dictionary<(Op Op, string Operands, int Slot), int> known = [];

        public IEnumerable<(string, int)> Outputs(Graph graph)
        {
            var ids = new Dictionary<int, int> { [Node.Absent] = -1 };
            foreach (var input in graph.Inputs) ids[input.Value] = -2 - ids.Count;
            foreach (var node in graph.Nodes)
                for (int slot = 0; slot < node.Outputs.Length; slot++)
                {
                    var key = (node.Op, string.Join(',', node.Inputs.Select(i => ids[i])), slot);
                    if (!known.TryGetValue(key, out int id)) known[key] = id = known.Count;
                    if (node.Outputs[slot] != Node.Absent) ids[node.Outputs[slot]] = id;
                }
            return [.. graph.Outputs.Select(o => (o.Name, ids[o.Value]))];
        }
    }
}
