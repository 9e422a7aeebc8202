namespace Nncc.IR.Ops;

/// <summary>
/// The order of a tensor's elements: numbers by value, NaN above all or below, uint64 as unsigned, strings by their code units.
/// </summary>
internal static class ElementOrder
{
    /// <summary>Compares the elements at two places.</summary>
    /// <param name="x">The tensor.</param>
    /// <param name="isNaNGreatest">Whether NaN is above all numbers, and not below.</param>
    public static Comparison<long> Of(Tensor x, bool isNaNGreatest = true)
    {
        if (x.DType == DType.String)
        {
            string[] strings = x.Strings.ToArray();
            return (a, b) => string.CompareOrdinal(strings[a], strings[b]);
        }
        if (x.DType.IsFloat())
        {
            double[] floats = x.ToDoubles();
            return (a, b) => Compare(floats[a], floats[b], isNaNGreatest);
        }
        long[] integers = x.ToLongs();
        return x.DType == DType.UInt64 ? (a, b) => ((ulong)integers[a]).CompareTo((ulong)integers[b]) : (a, b) =>
            integers[a].CompareTo(integers[b]);
    }

    private static int Compare(double a, double b, bool isNaNGreatest) => a < b ? -1 : a > b ? 1 : a == b ? 0
        : double.IsNaN(a).CompareTo(double.IsNaN(b)) * (isNaNGreatest ? 1 : -1);
}
