using System.Globalization;

namespace Nncc.Passes.Rules.Testing;

/// <summary>Compares the sides of a rule by its law.</summary>
internal static class RuleComparison
{
    private const int Shown = 16;

    /// <summary>Where the tensors differ more than the law allows; null where they do not.</summary>
    /// <param name="a">What the left side gives.</param>
    /// <param name="b">What the right side gives.</param>
    /// <param name="law">The law.</param>
    /// <param name="scale">The greatest number on the way to either, to which rounding is relative.</param>
    public static string? Difference(Tensor a, Tensor b, RuleLaw law, double scale)
    {
        if (a.DType != b.DType || !a.Dims.SequenceEqual(b.Dims)) return $"the left side is {a.Type}, the right {b.Type}";
        if (a.DType == DType.String) return a.Equals(b) ? null : "the texts differ";
        if (a.DType.IsComplex()) return a.Equals(b) ? null : "the complex numbers differ";
        if (!a.DType.IsFloat())
        {
            long[] x = a.ToLongs(), y = b.ToLongs();
            int wrong = Enumerable.Range(0, x.Length).FirstOrDefault(i => x[i] != y[i], -1);
            return wrong < 0 ? null : $"element {wrong} is {x[wrong]} on the left and {y[wrong]} on the right";
        }
        double[] left = a.ToDoubles(), right = b.ToDoubles();
        double bar = law == RuleLaw.Exact ? 0 : Tolerance(a.DType) * scale;
        for (int i = 0; i < left.Length; i++)
            if (!AreSame(left[i], right[i], law, bar))
                return string.Create(CultureInfo.InvariantCulture, $"element {i} is {left[i]:R} on the left and {right[i]:R} on the right");
        return null;
    }

    /// <summary>A tensor as text, long ones cut.</summary>
    public static string Show(Tensor tensor)
    {
        var items = tensor.ToDoubles().Take(Shown).Select(i => i.ToString("R", CultureInfo.InvariantCulture));
        return $"{tensor.Type}{{{string.Join(", ", items)}{(tensor.Count > Shown ? ", ..." : "")}}}";
    }

    // Sums of some tens of terms are within some tens of units of the last place.
    private static double Tolerance(DType dtype) => dtype switch
    {
        DType.Float64 => 1e-12,
        DType.Float32 => 1e-5,
        DType.Float16 => 2e-2,
        _ => 1e-1,
    };

    private static bool AreSame(double a, double b, RuleLaw law, double bar)
    {
        if (double.IsNaN(a) || double.IsNaN(b)) return double.IsNaN(a) && double.IsNaN(b);
        if (law == RuleLaw.Exact) return BitConverter.DoubleToInt64Bits(a) == BitConverter.DoubleToInt64Bits(b);
        return a == b || Math.Abs(a - b) <= bar;
    }
}
