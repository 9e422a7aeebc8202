using System.Collections.Immutable;

namespace Nncc.IR.Evaluate;

// The third track of a run: values behind decisions that were taken the other way.
public sealed partial class Evaluator
{
    /// <summary>
    /// Called after each node of a run with a margin, with its results behind decisions taken the other way; null for nothing.
    /// </summary>
    public Action<Graph, Node, ImmutableArray<Datum?>>? ObserveNudged { get; init; }

    /// <summary>
    /// A wide run with what the outputs become where every decision that is nearer to its threshold than the margin goes the other way.
    /// Which branch is taken and how often a loop runs stays as it is, and so do results whose very sizes are decided. Costs nothing more
    /// where no decision is in doubt.
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="inputs">As for <see cref="Run"/>.</param>
    /// <param name="margin">How far a float operand of a decision may be off, relative to the largest magnitude in it.</param>
    /// <exception cref="NnccException">As for <see cref="Run"/>.</exception>
    public MarginRun RunWithMargin(Graph graph, ImmutableArray<Datum?> inputs, double margin) =>
        RunWithMargin(graph, inputs, margin, isBody: false);

    private MarginRun RunWithMargin(Graph graph, ImmutableArray<Datum?> inputs, double margin, bool isBody)
    {
        if (!isWide) throw new InvalidOperationException("decisions have a margin in a wide run only");
        var run = new Execution(this, graph, new Nudging(this, graph, margin, isBody));
        run.Bind(inputs);
        return run.Finish();
    }

    private sealed class Nudging(Evaluator evaluator, Graph graph, double margin, bool isBody)
    {
        private readonly Datum?[] nudged = new Datum?[graph.NextValue];
        private readonly bool[] isExact = new bool[graph.NextValue]; // the same bits in every correct implementation

        public Datum? this[int value] => nudged[value];

        // What comes into a body may be anything; what a user gives is exact.
        public void Bind(int value, Datum content) => (nudged[value], isExact[value]) = (content, !isBody);

        public void Drop(int value) => nudged[value] = null;

        public void Run(Node node, ImmutableArray<Datum?> wideOperands, ImmutableArray<Datum?> declared, ImmutableArray<Datum?> wide)
        {
            ImmutableArray<Datum?> operands = [.. node.Inputs.Select(i => i == Node.Absent ? null : nudged[i])];
            bool isMoved = !operands.Zip(wideOperands).All(pair => ReferenceEquals(pair.First, pair.Second));
            bool isExactOp = node.Op.Accuracy is ExactAccuracy && node.Op.Bodies.IsEmpty && node.GivenInputs.All(i => isExact[i]);
            var results = wide;
            var steps = Enumerable.Repeat(false, wide.Length).ToArray();
            if (!node.Op.Bodies.IsEmpty) results = RunBodies(node, operands, wideOperands);
            else if (isMoved || !isExactOp)
            {
                if (isMoved && Enumerable.Range(0, wide.Length).Any(i => !IsDecided(node, i))) results = Compute(node, operands);
                if (IsDecision(node))
                {
                    var nudge = DecisionNudge.Of(operands, [.. node.Inputs.Select(i => i == Node.Absent || isExact[i])], declared, margin,
                        moved => Results(node, evaluator.Compute(node, moved, Types(node), wide: false)));
                    for (int i = 0; i < results.Length; i++)
                    {
                        if (!IsDecided(node, i)) continue;
                        results = results.SetItem(i, nudge.Results[i] is { } tipped
                            && !ReferenceEquals(tipped, declared[i]) ? tipped : wide[i]);
                        steps[i] = nudge.IsStep(i);
                    }
                }
            }
            for (int i = 0; i < results.Length; i++)
            {
                if (node.Outputs[i] == Node.Absent) continue;
                nudged[node.Outputs[i]] = results[i];
                isExact[node.Outputs[i]] = isExactOp || IsNoFloat(node, i) || steps[i];
            }
            evaluator.ObserveNudged?.Invoke(graph, node, results);
        }

        private bool IsNoFloat(Node node, int result) =>
            node.Outputs[result] is >= 0 and var value && graph[value].Type is TensorType { DType: var dtype } && dtype != DType.Unknown
                && !dtype.IsFloat();

        private bool IsDecided(Node node, int result) => node.Op.IsDiscontinuous || IsNoFloat(node, result);

        private bool IsDecision(Node node) => node.Op.IsDiscontinuous
            || Enumerable.Range(0, node.Outputs.Length).Any(i => IsNoFloat(node, i));

        private ImmutableArray<IrType> Types(Node node) => [.. node.Outputs.Select(o => graph.Type(o) ?? IrType.Unknown)];

        private ImmutableArray<Datum?> Compute(Node node, ImmutableArray<Datum?> operands) =>
            Results(node, evaluator.Compute(node, operands, Types(node), wide: true));

        // An op may give more results than the node has.
        private static ImmutableArray<Datum?> Results(Node node, ImmutableArray<Datum> computed) =>
            [.. node.Outputs.Select((o, i) => o == Node.Absent ? null : computed[i])];

        // Scalars that are not floats and no captures steer: a condition, a trip count.
        private ImmutableArray<Datum?> RunBodies(Node node, ImmutableArray<Datum?> operands, ImmutableArray<Datum?> wideOperands)
        {
            int own = node.Inputs.Length - node.Op.CaptureCount;
            ImmutableArray<Datum?> steered = [.. operands.Select((o, i) => i < own && o is Tensor { Rank: 0 } t
                && !t.DType.IsFloat() ? wideOperands[i] : o)];
            return Results(node, evaluator.Compute(node, steered, Types(node), wide: true,
                (body, arguments) => evaluator.RunWithMargin(body, [.. arguments], margin, isBody: true).Nudged));
        }
    }
}
