using System.Collections.Immutable;

namespace Nncc.Zoo;

/// <summary>
/// Evaluates a network under construction on one noise image, only as far as somebody asks for statistics. Each value is computed once.
/// </summary>
internal sealed class Probe(SeededRandom random, int size)
{
    private readonly Dictionary<int, (Op Op, int[] Inputs, int Slot, int Results)> producers = [];
    private readonly Dictionary<int, Tensor> known = [];

    public void Record(int value, Op op, ReadOnlySpan<int> inputs, int slot = 0, int results = 1) =>
        producers[value] = (op, inputs.ToArray(), slot, results);

    public void Record(int value, Tensor constant) => known[value] = constant;

    /// <summary>Mean and variance of each channel (axis 1), from one image of noise.</summary>
    public (Tensor Mean, Tensor Variance) Statistics(int value)
    {
        var tensor = Evaluate(value);
        int channels = (int)tensor.Dims[1], count = (int)(tensor.Count / channels);
        double[] items = tensor.ToDoubles(), mean = new double[channels], variance = new double[channels];
        for (int c = 0; c < channels; c++)
        {
            for (int i = 0; i < count; i++) mean[c] += items[c * count + i];
            mean[c] /= count;
            for (int i = 0; i < count; i++) variance[c] += (items[c * count + i] - mean[c]) * (items[c * count + i] - mean[c]);
            variance[c] = Math.Max(variance[c] / count, 1e-3);
        }
        return (Tensor.FromDoubles(DType.Float32, [channels], mean), Tensor.FromDoubles(DType.Float32, [channels], variance));
    }

    // Iterative: a value waits on the stack until its operands are known.
    private Tensor Evaluate(int wanted)
    {
        var stack = new Stack<int>([wanted]);
        while (stack.TryPeek(out int value))
        {
            if (known.ContainsKey(value)) { stack.Pop(); continue; }
            if (!producers.TryGetValue(value, out var producer))
            {
                known[value] = random.Uniform(-1.7320508f, 1.7320508f, 1, 3, size, size); // an image of variance 1
                continue;
            }
            var missing = producer.Inputs.Where(i => !known.ContainsKey(i)).ToArray();
            foreach (int input in missing) stack.Push(input);
            if (missing.Length > 0) continue;
            ImmutableArray<Datum?> operands = [.. producer.Inputs.Select(i => known[i])];
            ImmutableArray<IrType> types = [.. Enumerable.Repeat((IrType)new TensorType(DType.Float32, null), producer.Results)];
            var context = new EvaluateContext(operands, types, false, (_, _) =>
                throw new InvalidOperationException("networks have no bodies"), CancellationToken.None);
            known[value] = (Tensor)producer.Op.Evaluate(context)[producer.Slot];
        }
        return known[wanted];
    }
}
