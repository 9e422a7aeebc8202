namespace Nncc.Tests.Support;

/// <summary>The measure of whole models (docs/accuracy.md).</summary>
internal static class Closeness
{
    /// <summary>
    /// max|a - b| / max|b| of two tensors of floats; 0 where both are the same. Infinite where dtype or sizes differ, where one has a NaN
    /// or infinity that the other has not, and for other elements that are not equal.
    /// </summary>
    public static double Error(Datum actual, Datum expected)
    {
        if (actual is not Tensor a || expected is not Tensor b || a.DType != b.DType || !a.Dims.SequenceEqual(b.Dims))
            return double.PositiveInfinity;
        if (!a.DType.IsFloat()) return a.Equals(b) ? 0 : double.PositiveInfinity;
        double[] x = a.ToDoubles(), y = b.ToDoubles();
        double difference = 0, scale = 0;
        for (int i = 0; i < x.Length; i++)
        {
            if (x[i].Equals(y[i])) continue;
            if (!double.IsFinite(x[i]) || !double.IsFinite(y[i])) return double.PositiveInfinity;
            difference = Math.Max(difference, Math.Abs(x[i] - y[i]));
        }
        foreach (double item in y.Where(double.IsFinite)) scale = Math.Max(scale, Math.Abs(item));
        return difference == 0 ? 0 : difference / scale;
    }
}
