using System.Collections.Immutable;

namespace Nncc.IR.Evaluate;

/// <summary>
/// The reference: runs a graph by the meaning of its ops, one loop over <see cref="Op.Evaluate"/>. Values are dropped after their last use.
/// Under the declared policy each result is rounded to its dtype; under the wide policy floats stay binary64 and decisions (results that
/// are not floats, and ops that are discontinuous) are taken from a declared run beside it.
/// </summary>
/// <param name="isWide">The wide policy instead of the declared one.</param>
/// <param name="cancellation">Ends a long run.</param>
public sealed partial class Evaluator(bool isWide = false, CancellationToken cancellation = default)
{
    /// <summary>Called after each node with its results, for example to compare layers; null for nothing.</summary>
    public Action<Graph, Node, ImmutableArray<Datum?>>? Observe { get; init; }

    /// <summary>The outputs for these inputs, in the graph's order; a null input takes its default.</summary>
    /// <exception cref="NnccException">An input is missing or has the wrong type, or a node meets data it has no result for.</exception>
    public ImmutableArray<Datum> Run(Graph graph, ImmutableArray<Datum?> inputs)
    {
        var run = new Execution(this, graph);
        run.Bind(inputs);
        return run.Finish().Outputs;
    }

    /// <summary>All results of one node, absent ones included, for these operands.</summary>
    /// <param name="node">The node.</param>
    /// <param name="operands">Its operands; null for an absent one.</param>
    /// <param name="types">The inferred types of its results.</param>
    /// <exception cref="NnccException">The op has no result for these operands.</exception>
    public ImmutableArray<Datum> Apply(Node node, ImmutableArray<Datum?> operands, ImmutableArray<IrType> types) =>
        Compute(node, operands, types, isWide);

    private ImmutableArray<Datum?> Evaluate(Graph graph, Node node, ImmutableArray<Datum?> operands, ImmutableArray<Datum?> declared)
    {
        cancellation.ThrowIfCancellationRequested();
        ImmutableArray<IrType> types = [.. node.Outputs.Select(o => graph.Type(o) ?? IrType.Unknown)];
        if (isWide && (node.Op.IsDiscontinuous || types.All(t => t is TensorType { DType: var d } && !d.IsFloat()))) return declared;
        CheckOpen(graph, node, operands);
        // An op may give more results than the node has.
        var results = Compute(node, operands, types, isWide);
        return [.. node.Outputs.Select((o, i) => o == Node.Absent ? null
            : isWide && results[i] is Tensor { DType: var dtype } && !dtype.IsFloat() ? declared[i] : results[i])];
    }

    // What inference could not see, as sizes were open, it sees now: operands that do not fit are its faults and not the op's loops'.
    private static void CheckOpen(Graph graph, Node node, ImmutableArray<Datum?> operands)
    {
        if (!node.Op.Bodies.IsEmpty || !node.GivenInputs.Any(i => graph[i].Type is not TensorType { Shape.IsStatic: true })) return;
        _ = new InferContext([.. operands.Select(o => o?.Type)], node.Outputs.Length, "computed", i => operands[i] as Tensor, _ => null)
            .Run(node);
    }

    private ImmutableArray<Datum> Compute(Node node, ImmutableArray<Datum?> operands, ImmutableArray<IrType> types, bool wide,
        Func<Graph, ImmutableArray<Datum>, ImmutableArray<Datum>>? runBody = null)
    {
        runBody ??= (body, arguments) => (wide == isWide ? this : new Evaluator(wide, cancellation)).Run(body, [.. arguments]);
        try
        {
            var results = node.Op.Evaluate(new EvaluateContext(operands, types, wide, runBody, cancellation));
            return results.Length >= node.Outputs.Length ? results
                : throw EvaluateContext.Fault(FaultCodes.OperandCount,
                    $"{node.Op.Name} gives {results.Length} results here, not {node.Outputs.Length}");
        }
        catch (NnccException e) when (e.Faults.Any(f => f.Place is null))
        {
            throw new NnccException([.. e.Faults.Select(f => f.Place is null ? f with { Place = node.Place } : f)]);
        }
    }

    private sealed class Execution(Evaluator evaluator, Graph graph, Nudging? nudging = null)
    {
        private readonly Datum?[] values = new Datum?[graph.NextValue];
        private readonly Datum?[] declared = evaluator.Wide ? new Datum?[graph.NextValue] : [];

        public void Bind(ImmutableArray<Datum?> inputs)
        {
            if (inputs.Length != graph.Inputs.Length)
                throw new NnccException(FaultCodes.InputData,
                    $"the graph \"{graph.Name}\" has {graph.Inputs.Length} inputs, got {inputs.Length}");
            var faults = ImmutableArray.CreateBuilder<Fault>();
            for (int i = 0; i < inputs.Length; i++)
            {
                var value = graph[graph.Inputs[i].Value];
                if ((inputs[i] ?? graph.Inputs[i].Default) is not { } given)
                    faults.Add(new Fault(FaultCodes.InputData, $"input \"{value.Name}\" ({value.Type}) is not given"));
                else if (TypeRelation.Contradicts(value.Type, given.Type))
                    faults.Add(new Fault(FaultCodes.InputData, $"input \"{value.Name}\" is {value.Type}, got {given.Type}"));
                else
                {
                    values[value.Id] = given;
                    if (evaluator.Wide) declared[value.Id] = DecisionNudge.Round(given);
                    nudging?.Bind(value.Id, given);
                }
            }
            if (faults.Count > 0) throw new NnccException(faults.ToImmutable());
        }

        public MarginRun Finish()
        {
            var lastUse = new int[graph.NextValue];
            for (int i = 0; i < graph.Nodes.Length; i++)
                foreach (int input in graph.Nodes[i].GivenInputs) lastUse[input] = i;
            foreach (var output in graph.Outputs) lastUse[output.Value] = int.MaxValue;
            for (int i = 0; i < graph.Nodes.Length; i++)
            {
                var node = graph.Nodes[i];
                ImmutableArray<Datum?> twin = [];
                if (evaluator.Wide)
                {
                    ImmutableArray<IrType> types = [.. node.Outputs.Select(o => graph.Type(o) ?? IrType.Unknown)];
                    var computed = evaluator.Compute(node, Operands(node, declared), types, wide: false);
                    twin = [.. node.Outputs.Select((o, k) => o == Node.Absent ? null : computed[k])];
                    Store(node, declared, twin);
                }
                var results = evaluator.Evaluate(graph, node, Operands(node, values), twin);
                Store(node, values, results);
                evaluator.Observe?.Invoke(graph, node, results);
                nudging?.Run(node, Operands(node, values), twin, results);
                foreach (int input in node.GivenInputs)
                    if (lastUse[input] == i) Drop(input);
                foreach (int output in node.GivenOutputs)
                    if (lastUse[output] == 0) Drop(output);
            }
            ImmutableArray<Datum> outputs = [.. graph.Outputs.Select(o => values[o.Value]!)];
            return new MarginRun(outputs, nudging is null ? outputs : [.. graph.Outputs.Select(o => nudging[o.Value]!)]);
        }

        private void Drop(int value)
        {
            values[value] = null;
            if (evaluator.Wide) declared[value] = null;
            nudging?.Drop(value);
        }

        private static ImmutableArray<Datum?> Operands(Node node, Datum?[] from) =>
            [.. node.Inputs.Select(i => i == Node.Absent ? null : from[i])];

        private static void Store(Node node, Datum?[] to, ImmutableArray<Datum?> results)
        {
            for (int k = 0; k < node.Outputs.Length; k++)
                if (node.Outputs[k] != Node.Absent) to[node.Outputs[k]] = results[k];
        }
    }

    private bool Wide => isWide;
}
