using System.Collections.Immutable;

namespace Nncc.IR.Evaluate;

/// <summary>
/// The decisions of one node (results that are not floats, float results of discontinuous ops) that tip over when a float operand moves by
/// the margin, relative to the operand's largest magnitude. One operand is moved at a time: all elements up or down, and, so that
/// comparisons between elements tip too (the greatest one, an order), elements up or down by a bit of their place: for any two elements
/// there is a bit in which their places differ.
/// </summary>
internal sealed class DecisionNudge
{
    // A float result counts as tipped, not merely moved, from so many margins of its largest magnitude on.
    private const double StepMargins = 8;

    private readonly ImmutableArray<Datum?> declared;
    private readonly Datum?[] results;
    private readonly bool[] isStep;
    private readonly double margin;

    private DecisionNudge(ImmutableArray<Datum?> declared, double margin)
    {
        (this.declared, this.margin) = (declared, margin);
        results = [.. declared];
        isStep = [.. declared.Select(_ => true)];
    }

    /// <summary>The declared results, with each element that can tip replaced by what it becomes.</summary>
    public ImmutableArray<Datum?> Results => [.. results];

    /// <summary>
    /// Whether a result moved only by whole steps (a rounding) and so is the same bits wherever the same decision is taken.
    /// </summary>
    public bool IsStep(int result) => isStep[result];

    /// <summary>Nudges the operands of a node.</summary>
    /// <param name="operands">The operands; floats may be wide.</param>
    /// <param name="isExact">Whether an operand is the same bits in every correct implementation; it is not nudged.</param>
    /// <param name="declared">The decisions as they are taken.</param>
    /// <param name="margin">How far operands are moved, relative to the largest magnitude in each.</param>
    /// <param name="compute">The results for other operands under the declared policy.</param>
    public static DecisionNudge Of(ImmutableArray<Datum?> operands, ImmutableArray<bool> isExact, ImmutableArray<Datum?> declared,
        double margin,
        Func<ImmutableArray<Datum?>, ImmutableArray<Datum?>> compute)
    {
        var nudge = new DecisionNudge(declared, margin);
        ImmutableArray<Datum?> rounded = [.. operands.Select(Round)];
        nudge.Take(compute, rounded);
        for (int i = 0; i < operands.Length; i++)
        {
            if (isExact[i] || operands[i] is not Tensor { Count: > 0 } tensor || !tensor.DType.IsFloat()) continue;
            double[] items = tensor.ToDoubles();
            double step = margin * items.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
            if (step == 0) continue;
            int bits = 64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)items.Length - 1);
            for (int bit = -1; bit < (items.Length == 1 ? 0 : bits); bit++)
                foreach (double signed in (ReadOnlySpan<double>)[step, -step])
                    nudge.Take(compute, rounded.SetItem(i, Moved(tensor, items, bit, signed)));
        }
        return nudge;
    }

    /// <summary>A content under the declared policy.</summary>
    public static Datum? Round(Datum? datum) =>
        datum is Tensor { IsWide: true } t ? Tensor.FromDoubles(t.DType, t.Dims.AsSpan(), t.ToDoubles()) : datum;

    private static Tensor Moved(Tensor tensor, double[] items, int bit, double step)
    {
        var moved = new double[items.Length];
        for (int i = 0; i < items.Length; i++) moved[i] = items[i] + (bit < 0 || (i >> bit & 1) == 0 ? step : -step);
        return Tensor.FromDoubles(tensor.DType, tensor.Dims.AsSpan(), moved);
    }

    private void Take(Func<ImmutableArray<Datum?>, ImmutableArray<Datum?>> compute, ImmutableArray<Datum?> operands)
    {
        ImmutableArray<Datum?> candidates;
        try
        {
            candidates = compute(operands);
        }
        catch (NnccException)
        {
            return; // data just outside of what the op takes decide nothing
        }
        for (int i = 0; i < results.Length; i++)
            if (declared[i] is Tensor before && candidates[i] is Tensor after && before.DType == after.DType
                && before.Dims.SequenceEqual(after.Dims))
                results[i] = before.DType.IsFloat() ? TakeFloats(i, before, after) : TakeIntegers(before, (Tensor)results[i]!, after);
    }

    // Elements that already differ from the declared ones keep what they became first.
    private static Tensor TakeIntegers(Tensor before, Tensor soFar, Tensor after)
    {
        if (before.DType == DType.String || before.DType.IsComplex() || before.Equals(after)) return soFar;
        long[] was = before.ToLongs(), now = soFar.ToLongs(), then = after.ToLongs();
        for (int i = 0; i < was.Length; i++)
            if (now[i] == was[i]) now[i] = then[i];
        return Tensor.FromLongs(before.DType, before.Dims.AsSpan(), now);
    }

    private Tensor TakeFloats(int result, Tensor before, Tensor after)
    {
        var soFar = (Tensor)results[result]!;
        if (before.Equals(after)) return soFar;
        double[] was = before.ToDoubles(), now = soFar.ToDoubles(), then = after.ToDoubles();
        double least = StepMargins * margin * was.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
        for (int i = 0; i < was.Length; i++)
        {
            if (was[i].Equals(then[i])) continue;
            if (Math.Abs(was[i] - then[i]) <= least) isStep[result] = false;
            else if (now[i].Equals(was[i])) now[i] = then[i];
        }
        return Tensor.FromDoubles(before.DType, before.Dims.AsSpan(), now);
    }
}
