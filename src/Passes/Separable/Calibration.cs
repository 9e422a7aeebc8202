using System.Collections.Immutable;
using Nncc.IR;
using Nncc.IR.Evaluate;

namespace Nncc.Passes.Separable;

/// <summary>
/// Inputs of the model, and what the evaluator computes from them: how large each channel is that reaches a convolution, and how far other
/// convolutions in its place are off. A run keeps only what it still needs.
/// </summary>
/// <param name="graph">The graph whose answers count.</param>
/// <param name="sets">Inputs in the order of the graph's inputs; null where one has a default.</param>
/// <param name="cancellation">Ends a run.</param>
internal sealed class Calibration(Graph graph, ImmutableArray<ImmutableArray<Datum?>> sets, CancellationToken cancellation)
{
    private readonly List<ImmutableArray<Datum>> answers = [];

    /// <summary>How many sets of inputs there are.</summary>
    public int Sets => sets.Length;

    /// <summary>For each of these values the root of the mean square of each channel (axis 1) over all sets.</summary>
    public Dictionary<int, double[]> Roots(IReadOnlySet<int> values)
    {
        var sums = new Dictionary<int, double[]>();
        var counts = new Dictionary<int, long>();
        answers.Clear();
        foreach (var set in sets)
            answers.Add(Run(graph, set, (value, tensor) =>
            {
                if (!values.Contains(value)) return;
                int channels = (int)tensor.Dims[1], inner = (int)(tensor.Count / tensor.Dims[0] / channels);
                if (!sums.TryGetValue(value, out double[]? sum)) sums[value] = sum = new double[channels];
                double[] items = tensor.ToDoubles();
                for (int i = 0; i < items.Length; i++) sum[i / inner % channels] += items[i] * items[i];
                counts[value] = counts.GetValueOrDefault(value) + items.Length / channels;
            }));
        return sums.ToDictionary(s => s.Key, s => s.Value.Select(sum => Math.Sqrt(sum / counts[s.Key])).ToArray());
    }

    /// <summary>The relative errors of results, by node, if other convolutions computed them from the same operands.</summary>
    public Dictionary<int, double> LayerErrors(IReadOnlyDictionary<int, Factoring> forms)
    {
        var pending = forms.Keys.Select(id => graph.Find(id)!).GroupBy(n => n.Inputs[0]).ToDictionary(g => g.Key, g => g.Count());
        var totals = forms.Keys.ToDictionary(id => id, _ => (Error: 0.0, All: 0.0));
        foreach (var set in sets)
        {
            var held = new Dictionary<int, Tensor>();
            var left = new Dictionary<int, int>(pending);
            Run(graph, set, (value, tensor) =>
            {
                if (left.ContainsKey(value)) held[value] = tensor;
                if (graph.Producer(value) is not { } node || !forms.TryGetValue(node.Id, out var form)) return;
                int x = node.Inputs[0];
                var other = form.Steps.Aggregate(held[x], Apply);
                if (--left[x] == 0) held.Remove(x);
                var (error, all) = Difference(tensor, other);
                totals[node.Id] = (totals[node.Id].Error + error, totals[node.Id].All + all);
            });
        }
        return totals.ToDictionary(t => t.Key, t => Relative(t.Value.Error, t.Value.All));
    }

    /// <summary>The largest relative error among the outputs of another graph with the same inputs.</summary>
    public double ModelError(Graph other)
    {
        var totals = new (double Error, double All)[graph.Outputs.Length];
        for (int s = 0; s < sets.Length; s++)
        {
            var outputs = Run(other, sets[s], (_, _) => { });
            for (int i = 0; i < totals.Length; i++)
            {
                if (answers[s][i] is not Tensor { DType: var dtype } a || !dtype.IsFloat()) continue;
                var (error, all) = Difference(a, (Tensor)outputs[i]);
                totals[i] = (totals[i].Error + error, totals[i].All + all);
            }
        }
        return totals.Select(t => Relative(t.Error, t.All)).DefaultIfEmpty(0).Max();
    }

    private ImmutableArray<Datum> Run(Graph run, ImmutableArray<Datum?> inputs, Action<int, Tensor> hear)
    {
        for (int i = 0; i < run.Inputs.Length; i++)
            if ((inputs[i] ?? run.Inputs[i].Default) is Tensor tensor) hear(run.Inputs[i].Value, tensor);
        var evaluator = new Evaluator(cancellation: cancellation)
        {
            Observe = (inner, node, results) =>
            {
                if (!ReferenceEquals(inner, run)) return;
                for (int i = 0; i < node.Outputs.Length; i++)
                    if (node.Outputs[i] != Node.Absent && results[i] is Tensor tensor) hear(node.Outputs[i], tensor);
            },
        };
        return evaluator.Run(run, inputs);
    }

    private Tensor Apply(Tensor x, ConvolutionStep step)
    {
        var node = new Node(0, step.Op, step.Bias is null ? [0, 1] : [0, 1, 2], [], Provenance.None);
        ImmutableArray<Datum?> operands = step.Bias is null ? [x, step.Weights] : [x, step.Weights, step.Bias];
        return (Tensor)new Evaluator(cancellation: cancellation).Apply(node, operands,
            [new TensorType(x.DType, step.Result(Shape.Of(x.Dims.AsSpan())))])[0];
    }

    private static (double Error, double All) Difference(Tensor a, Tensor b)
    {
        double[] x = a.ToDoubles(), y = b.ToDoubles();
        double error = 0, all = 0;
        for (int i = 0; i < x.Length; i++)
        {
            error += (x[i] - y[i]) * (x[i] - y[i]);
            all += x[i] * x[i];
        }
        return (error, all);
    }

    private static double Relative(double error, double all) =>
        error == 0 ? 0 : all == 0 ? double.PositiveInfinity : Math.Sqrt(error / all);
}
