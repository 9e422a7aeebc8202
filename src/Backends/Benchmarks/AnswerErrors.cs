using System.Collections.Immutable;
using Nncc.Backends.Verification;

namespace Nncc.Backends.Benchmarks;

/// <summary>How far an engine's answers are from the wide evaluation.</summary>
internal static class AnswerErrors
{
    /// <summary>
    /// The worst output's max|a-b| / max|b|, and the root mean square of a-b over that of b of the worst output of floats (0 where there is
    /// none).
    /// </summary>
    /// <param name="graph">The graph.</param>
    /// <param name="reference">The wide evaluation's outputs.</param>
    /// <param name="actual">The engine's.</param>
    public static (double? Error, double? Rms) Of(Graph graph, ImmutableArray<Datum> reference, ImmutableArray<Datum> actual)
    {
        double error = 0, rms = 0;
        for (int i = 0; i < reference.Length; i++)
        {
            var compared = OutputComparison.Of(graph.Outputs[i].Name, reference[i], reference[i], actual[i], double.MaxValue);
            error = Math.Max(error, compared.Error);
            if (reference[i] is Tensor b && actual[i] is Tensor a && b.DType.IsFloat() && a.Count == b.Count)
                rms = Math.Max(rms, Rms(a.ToDoubles(), b.ToDoubles()));
        }
        return (error, rms);
    }

    // Entries that are not finite in both say nothing here.
    private static double Rms(double[] a, double[] b)
    {
        double difference = 0, whole = 0;
        for (int i = 0; i < b.Length; i++)
        {
            if (!double.IsFinite(a[i]) || !double.IsFinite(b[i])) continue;
            difference += (a[i] - b[i]) * (a[i] - b[i]);
            whole += b[i] * b[i];
        }
        return difference == 0 ? 0 : Math.Sqrt(difference / (whole == 0 ? b.Length : whole));
    }
}
