using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Nncc.Backends.Verification;

/// <summary>An output of one engine beside that of the wide evaluation.</summary>
/// <param name="Output">Name of the output.</param>
/// <param name="Error">
/// e = max|a-b| / max|b| over the entries that count, b being the wide evaluation's (max|a-b| where all b are zero); infinite where the two
/// are not finite in the same places or not comparable.
/// </param>
/// <param name="Bar">The largest error that counts as agreement; 0 for what is not floats.</param>
/// <param name="Entries">Number of elements.</param>
/// <param name="LeftOut">Elements beyond the bar that stand behind a doubtful decision and are not compared for that.</param>
/// <param name="Difference">What differs beside the numbers; null for nothing.</param>
public sealed record OutputComparison(string Output, double Error, double Bar, long Entries, long LeftOut, string? Difference)
{
    /// <summary>The largest share of elements that may be left out.</summary>
    public const double LeftOutLimit = 1e-3;

    /// <summary>Whether the output agrees.</summary>
    public bool Agrees => Difference is null && Error <= Bar;

    /// <summary>Compares an output; the order of a map's entries is nobody's.</summary>
    /// <param name="output">Its name.</param>
    /// <param name="reference">The wide evaluation's.</param>
    /// <param name="nudged">The same behind doubtful decisions taken the other way.</param>
    /// <param name="actual">The engine's.</param>
    /// <param name="bar">The bar for floats.</param>
    public static OutputComparison Of(string output, Datum reference, Datum nudged, Datum actual, double bar)
    {
        List<Tensor> expected = [.. Leaves(reference)], moved = [.. Leaves(nudged)], got = [.. Leaves(actual)];
        if (expected.Count != got.Count || reference.GetType() != actual.GetType())
            return new OutputComparison(output, double.PositiveInfinity, bar, 0, 0,
                $"it is {actual.Type} with {got.Count} tensors, should be {reference.Type} with {expected.Count}");
        var parts = expected.Select((e, i) => Compare(output, e, moved.Count == expected.Count ? moved[i] : e, got[i], bar)).ToList();
        if (parts.Count == 0) return new OutputComparison(output, 0, bar, 0, 0, null);
        long entries = parts.Sum(p => p.Entries), leftOut = parts.Sum(p => p.LeftOut);
        string? difference = parts.Select(p => p.Difference).FirstOrDefault(d => d is not null);
        if (leftOut > LeftOutLimit * entries)
            difference ??= string.Create(CultureInfo.InvariantCulture,
                $"{leftOut} of {entries} entries differ behind doubtful decisions, more than {LeftOutLimit:P1}");
        return new OutputComparison(output, parts.Max(p => p.Error), parts.Max(p => p.Bar), entries, leftOut, difference);
    }

    private static OutputComparison Compare(string output, Tensor reference, Tensor nudged, Tensor actual, double bar)
    {
        if (reference.DType != actual.DType || !reference.Dims.SequenceEqual(actual.Dims))
            return new OutputComparison(output, double.PositiveInfinity, bar, reference.Count, 0,
                $"it is {actual.Type}, should be {reference.Type}");
        if (!nudged.Dims.SequenceEqual(reference.Dims)) nudged = reference;
        if (reference.DType == DType.String) return CompareStrings(output, reference, actual);
        return reference.DType.IsFloat() || reference.DType.IsComplex() ? CompareFloats(output, reference, nudged, actual, bar)
            : CompareIntegers(output, reference.ToLongs(), nudged.ToLongs(), actual.ToLongs());
    }

    private static OutputComparison CompareStrings(string output, Tensor reference, Tensor actual)
    {
        int different = 0;
        for (int i = 0; i < reference.Strings.Length; i++)
            if (reference.Strings[i] != actual.Strings[i]) different++;
        return new OutputComparison(output, different == 0 ? 0 : double.PositiveInfinity, 0, reference.Count, 0,
            different == 0 ? null : $"{different} of {reference.Count} strings differ");
    }

    private static OutputComparison CompareIntegers(string output, long[] reference, long[] nudged, long[] actual)
    {
        long leftOut = 0, different = 0;
        double worst = 0, scale = 0;
        for (int i = 0; i < reference.Length; i++)
        {
            scale = Math.Max(scale, Math.Abs((double)reference[i]));
            if (reference[i] == actual[i]) continue;
            if (reference[i] != nudged[i]) leftOut++;
            else
            {
                different++;
                worst = Math.Max(worst, Math.Abs((double)reference[i] - actual[i]));
            }
        }
        return new OutputComparison(output, scale > 0 ? worst / scale : worst, 0, reference.Length, leftOut,
            different == 0 ? null : $"{different} of {reference.Length} entries differ");
    }

    private static OutputComparison CompareFloats(string output, Tensor reference, Tensor nudged, Tensor actual, double bar)
    {
        double[] b = Numbers(reference), moved = ReferenceEquals(nudged, reference) ? b : Numbers(nudged), a = Numbers(actual);
        // What the type cannot hold becomes infinite in every correct implementation.
        if (reference.IsWide)
        {
            double[] rounded = Tensor.FromDoubles(reference.DType, reference.Dims.AsSpan(), b).ToDoubles();
            for (int i = 0; i < b.Length; i++)
                if (double.IsInfinity(rounded[i])) b[i] = rounded[i];
        }
        double scale = b.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
        if (scale == 0) scale = 1;
        double worst = 0;
        long leftOut = 0;
        for (int i = 0; i < b.Length; i++)
        {
            double distance = Distance(a[i], b[i]);
            if (distance > bar * scale && Distance(moved[i], b[i]) > bar * scale) leftOut++;
            else worst = Math.Max(worst, distance);
        }
        return new OutputComparison(output, worst / scale, bar, b.Length, leftOut, null);
    }

    private static double Distance(double a, double b) =>
        a.Equals(b) ? 0 : double.IsFinite(a) && double.IsFinite(b) ? Math.Abs(a - b) : double.PositiveInfinity;

    // Of complex numbers both parts, one after the other.
    private static double[] Numbers(Tensor tensor)
    {
        if (!tensor.DType.IsComplex()) return tensor.ToDoubles();
        var bytes = tensor.Bytes(0, int.MaxValue);
        return tensor.DType == DType.Complex128 ? MemoryMarshal.Cast<byte, double>(bytes).ToArray()
            : [.. MemoryMarshal.Cast<byte, float>(bytes).ToArray().Select(x => (double)x)];
    }

    private static ImmutableArray<Tensor> Leaves(Datum datum) => datum switch
    {
        Tensor tensor => [tensor],
        SequenceDatum sequence => [.. sequence.Items.SelectMany(item => Leaves(item))],
        OptionalDatum optional => optional.Item is null ? [] : Leaves(optional.Item),
        MapDatum { Values: Tensor values } map => Sorted(map.Keys, values),
        MapDatum map => [map.Keys, .. Leaves(map.Values)],
        _ => throw new ArgumentException($"{datum.Type} has no tensors", nameof(datum)),
    };

    // Engines hold the entries of a map in orders of their own.
    private static ImmutableArray<Tensor> Sorted(Tensor keys, Tensor values)
    {
        int[] order = [.. Enumerable.Range(0, (int)keys.Count)];
        if (keys.DType == DType.String) Array.Sort(keys.Strings.ToArray(), order, StringComparer.Ordinal);
        else Array.Sort(keys.ToLongs(), order);
        return [Taken(keys, order), Taken(values, order)];
    }

    private static Tensor Taken(Tensor tensor, int[] order)
    {
        if (tensor.DType == DType.String) return Tensor.Vector([.. order.Select(i => tensor.Strings[i])]);
        if (!tensor.DType.IsFloat()) return Tensor.FromLongs(tensor.DType, [order.Length], [.. Taken(tensor.ToLongs())]);
        double[] items = [.. Taken(tensor.ToDoubles())];
        return tensor.IsWide ? Tensor.Wide(tensor.DType, [order.Length], items) : Tensor.FromDoubles(tensor.DType, [order.Length], items);

        IEnumerable<T> Taken<T>(T[] all) => order.Select(i => all[i]);
    }
}
