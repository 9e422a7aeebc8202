using System.Collections.Immutable;
using Nncc.IR.Evaluate;
using Nncc.Passes.Rules.Testing;

namespace Nncc.Passes.Rules.Checking;

/// <summary>Evaluates graphs and compares what they give by the law of a rule.</summary>
internal static class SideEvaluation
{
    /// <summary>
    /// The outputs and the greatest finite number on the way, to which rounding is relative; no outputs where an op has no result for the
    /// data.
    /// </summary>
    public static (ImmutableArray<Datum> Outputs, double Scale) Evaluate(Graph graph, ImmutableArray<Datum?> inputs, bool isWide = false,
        CancellationToken cancellation = default)
    {
        double scale = 0;
        try
        {
            var evaluator = new Evaluator(isWide, cancellation)
            {
                Observe = (_, _, results) =>
                {
                    foreach (var result in results)
                        if (result is Tensor { DType: var t } tensor && t.IsFloat())
                            foreach (double item in tensor.ToDoubles())
                                if (double.IsFinite(item)) scale = Math.Max(scale, Math.Abs(item));
                },
            };
            return (evaluator.Run(graph, inputs), scale);
        }
        catch (NnccException)
        {
            return (default, 0);
        }
    }

    /// <summary>The first difference between outputs; null where the law holds.</summary>
    public static string? Difference(ImmutableArray<Datum> left, ImmutableArray<Datum> right, RuleLaw law, double scale)
    {
        for (int i = 0; i < left.Length; i++)
            if (left[i] is Tensor a && right[i] is Tensor b
                && RuleComparison.Difference(a, b, law, scale) is { } difference) return difference;
        return null;
    }
}
