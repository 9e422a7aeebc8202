using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// Attention by scaled dot products, as Attention and its relatives share it: softmax(scale · Q · Kᵀ, capped, + bias) · V for each batch
/// and head. Heads of Q that outnumber those of K and V share them in groups. A row in which the bias forbids every key has
/// probabilities of 0.
/// </summary>
/// <param name="Scale">Factor of the products.</param>
/// <param name="Softcap">Where positive, products p become softcap · tanh(p / softcap).</param>
internal sealed record DotProductAttention(double Scale, double Softcap = 0)
{
    /// <summary>What is added to the product of a query and a key; negative infinity forbids the key.</summary>
    public delegate double Bias(int batch, int head, int query, int key);

    /// <summary>What becomes of a row of scores: products, capped, biased, probabilities.</summary>
    public delegate void Seen(Stage stage, int batch, int head, int query, ReadOnlySpan<double> row);

    /// <summary>Stages of a row of scores.</summary>
    public enum Stage
    {
        /// <summary>Scaled products.</summary>
        Products,
        /// <summary>Behind the cap.</summary>
        Capped,
        /// <summary>Behind the bias.</summary>
        Biased,
        /// <summary>Behind the softmax.</summary>
        Probabilities,
    }

    /// <summary>Logits of an entry that takes part in the softmax and has no key, one for each head; empty for none.</summary>
    public double[] Sinks { get; init; } = [];

    /// <summary>The result [batch, heads of q, queries, size of v].</summary>
    public Heads Run(Heads q, Heads k, Heads v, Bias? bias, Seen? seen, CancellationToken cancellation)
    {
        Check(q, k, v);
        var y = Heads.Zeros(q.Batch, q.Count, q.Length, v.Size);
        int group = q.Count / Math.Max(k.Count, 1);
        IndependentLoop.For(q.Batch * q.Count * q.Length, (long)k.Length * (q.Size + v.Size + 8), cancellation, task =>
        {
            int place = task % q.Length, head = task / q.Length % q.Count, batch = task / q.Length / q.Count, shared = head / group;
            var row = new double[k.Length];
            var query = q[batch, head, place];
            for (int j = 0; j < row.Length; j++)
            {
                double sum = 0;
                var key = k[batch, shared, j];
                for (int i = 0; i < query.Length; i++) sum += query[i] * key[i];
                row[j] = sum * Scale;
            }
            Score(row, batch, head, place, bias, seen);
            var result = y[batch, head, place];
            for (int j = 0; j < row.Length; j++)
            {
                if (row[j] == 0) continue;
                var value = v[batch, shared, j];
                for (int i = 0; i < result.Length; i++) result[i] += row[j] * value[i];
            }
        });
        return y;
    }

    /// <summary>exp(x - max) / Σ over a row; a row of negative infinities becomes 0.</summary>
    public static void Softmax(Span<double> row, double? sink = null)
    {
        double max = sink ?? double.NegativeInfinity, sum = 0;
        foreach (double item in row) max = Math.Max(max, item);
        if (double.IsNegativeInfinity(max))
        {
            row.Clear();
            return;
        }
        foreach (ref double item in row) sum += item = Elementary.Exp(item - max);
        if (sink is { } extra) sum += Elementary.Exp(extra - max);
        foreach (ref double item in row) item /= sum;
    }

    private void Score(double[] row, int batch, int head, int place, Bias? bias, Seen? seen)
    {
        seen?.Invoke(Stage.Products, batch, head, place, row);
        if (Softcap > 0)
            foreach (ref double item in row.AsSpan()) item = Softcap * Elementary.Tanh(item / Softcap);
        seen?.Invoke(Stage.Capped, batch, head, place, row);
        bool isOpen = bias is null;
        if (bias is not null)
            for (int j = 0; j < row.Length; j++)
            {
                double extra = bias(batch, head, place, j);
                isOpen |= !double.IsNegativeInfinity(extra);
                row[j] += extra;
            }
        seen?.Invoke(Stage.Biased, batch, head, place, row);
        if (isOpen) Softmax(row, Sinks.Length > 0 ? Sinks[head] : null);
        else row.AsSpan().Clear();
        seen?.Invoke(Stage.Probabilities, batch, head, place, row);
    }

    private static void Check(Heads q, Heads k, Heads v)
    {
        if (q.Batch != k.Batch || k.Batch != v.Batch || k.Count != v.Count || k.Length != v.Length || q.Size != k.Size
            || (q.Count != k.Count && (k.Count == 0 || q.Count % k.Count != 0)))
            throw EvaluateContext.Fault(FaultCodes.OperandShape, $"queries {Text(q)}, keys {Text(k)} and values {Text(v)} do not fit");
    }

    private static string Text(Heads h) => $"[{h.Batch}x{h.Count}x{h.Length}x{h.Size}]";
}
